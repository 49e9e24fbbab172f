using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Reports;

/// <summary>The columns of a report's table, from left to right.</summary>
internal static class TableColumns
{
    /// <summary>The footnote of a perplexity that does not compare with that of the reference.</summary>
    public const string OtherTokenizer = "another tokenizer than the reference's: the perplexity, which is by token, is not comparable; bits per byte are";

    private const double BytesOfMebibyte = 1 << 20;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<TableColumn> All { get; } =
    [
        new("name", "The model's name in the run file.", ColumnKind.Name, source => new(source.Row.Name)),
        new("method", "The pipeline that made it from its checkpoint.", ColumnKind.Method, source => new(source.Row.Method ?? ReportNumbers.Missing)),
        new("training", "full: as trained in full precision; bat: trained in 1 bit; ptb: made low-bit after training.", ColumnKind.Training, source => new(source.Row.Training)),
        new("perplexity", "exp of the mean negative log-likelihood of a token; lower is better; compares within one tokenizer.", ColumnKind.ByToken, Perplexity),
        new("bits/byte", "Negative log-likelihood in bits for each byte of text; lower is better; compares across tokenizers.", ColumnKind.Number, source => new(ReportNumbers.Fixed(source.Result?.BitsPerByte, 4))),
        new("difference [95 %]", "Bits per byte more than the reference, with the 95 % confidence interval over windows; positive is worse.", ColumnKind.Number, Difference),
        new("KL (nats/token)", "Mean KL divergence of the next token from the reference, with its standard error over windows.", ColumnKind.Number, Divergence),
        new("top-1 %", "Share of tokens at which the model and the reference have the same most likely next token.", ColumnKind.Number, source => new(ReportNumbers.Fixed(source.Result?.Versus?.TopAgreement * 100, 2))),
        new("bits/linear weight", "Bits a weight of the low-bit linears, with everything stored beside them.", ColumnKind.Number, source => new(ReportNumbers.Fixed(source.Row.Size.BitsPerLinearWeight, 3))),
        new("bits/weight", "Bits a weight of the whole file.", ColumnKind.Number, source => new(ReportNumbers.Fixed(source.Row.Size.BitsPerWeight, 3))),
        new("file bytes", "Bytes of the file, or of all files of the weights.", ColumnKind.Count, source => new(ReportNumbers.Count(source.Row.Size.FileBytes))),
        new("decode tok/s", "Tokens a second of one sequence on the machine of the comparison.", ColumnKind.Number, source => new(ReportNumbers.Fixed(source.Row.Speed?.DecodeTokensPerSecond, 1))),
        new("memory MiB", "Memory of its process that is not a file's, while it decodes (1 MiB is 2^20 bytes).", ColumnKind.Number, source => new(ReportNumbers.Fixed(source.Row.Speed?.AnonymousBytes / BytesOfMebibyte, 1))),
    ];

    private static TableCell Perplexity(CellSource source) => source.Result is { } result
        ? new(ReportNumbers.Fixed(result.Perplexity, 3), Mark: source.HasTokenizerOfReference ? null : source.Footnotes.Mark(OtherTokenizer))
        : TableCell.Missing;

    private static TableCell Difference(CellSource source) => source.Result?.Versus?.BitsPerByteDifference is { } difference
        ? new(ReportNumbers.Signed(difference.Estimate, 4), $"[{ReportNumbers.Signed(difference.Low, 4)}, {ReportNumbers.Signed(difference.High, 4)}]")
        : TableCell.Missing;

    private static TableCell Divergence(CellSource source)
    {
        if (source.Result?.Versus is not { } versus)
            return TableCell.Missing;
        var detail = versus is { Kl: not null, KlStandardError: { } error } ? "± " + ReportNumbers.Fixed(error, 4) : "";
        return new(ReportNumbers.Fixed(versus.Kl, 4), detail, versus.Refusal is { } refusal ? source.Footnotes.Mark(refusal) : null);
    }
}
