using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Reports;

/// <summary>A row of a report's table.</summary>
/// <param name="Row">The model.</param>
/// <param name="Result">The model on the corpus, or null where it was not measured.</param>
/// <param name="IsReference">Whether the others are compared with it.</param>
/// <param name="HasTokenizerOfReference">Whether its tokens are those of the reference.</param>
/// <param name="Cells">A cell for each of <see cref="TableColumns.All"/>.</param>
internal sealed record TableRow(ComparisonRow Row, CorpusResult? Result, bool IsReference, bool HasTokenizerOfReference, IReadOnlyList<TableCell> Cells);

/// <summary>What a report shows of a corpus: the content that all its forms have in common.</summary>
/// <param name="Corpus">The text.</param>
/// <param name="Facts">How it was measured, label and value.</param>
/// <param name="Rows">The models, in the order of the report.</param>
/// <param name="Footnotes">Texts of the footnotes; the first is number 1.</param>
internal sealed record CorpusTable(ComparisonCorpus Corpus, IReadOnlyList<(string Label, string Value)> Facts, IReadOnlyList<TableRow> Rows, IReadOnlyList<string> Footnotes)
{
    private const int HashDigits = 12;

    /// <summary>The table of every corpus.</summary>
    public static IReadOnlyList<CorpusTable> All(ComparisonReport report) => [.. report.Corpora.Select(corpus => Of(report, corpus))];

    private static CorpusTable Of(ComparisonReport report, ComparisonCorpus corpus)
    {
        var footnotes = new Footnotes();
        var reference = report.Rows.FirstOrDefault(row => row.Name == report.Reference);
        var tokens = reference is null ? null : ResultOn(reference, corpus) ?? (reference.Results.Count > 0 ? reference.Results[0] : null);
        var rows = report.Rows.Select(row => MakeRow(row, ResultOn(row, corpus), ReferenceEquals(row, reference), tokens, footnotes)).ToList();
        return new CorpusTable(corpus, MakeFacts(corpus, rows), rows, footnotes.Texts);
    }

    private static TableRow MakeRow(ComparisonRow row, CorpusResult? result, bool isReference, CorpusResult? reference, Footnotes footnotes)
    {
        var isComparable = result is null || reference is null || HaveOneTokenizer(result, reference);
        var source = new CellSource(row, result, isComparable, footnotes);
        return new TableRow(row, result, isReference, isComparable, [.. TableColumns.All.Select(column => column.Cell(source))]);
    }

    // Files of ids have no hash: there the kind has to do.
    private static bool HaveOneTokenizer(CorpusResult first, CorpusResult second) =>
        first.TokenizerSha256 == second.TokenizerSha256 && (first.TokenizerSha256 is not null || first.Tokenizer == second.Tokenizer);

    private static CorpusResult? ResultOn(ComparisonRow row, ComparisonCorpus corpus) => row.Results.FirstOrDefault(result => result.Corpus == corpus.Name);

    private static List<(string Label, string Value)> MakeFacts(ComparisonCorpus corpus, IReadOnlyList<TableRow> rows)
    {
        var facts = new List<(string Label, string Value)>
        {
            ("file", corpus.File),
            ("protocol", $"{corpus.Protocol}, context {ReportNumbers.Count(corpus.Context)}"),
            ("scored", Shared(rows, row => row.Result is { } result ? $"{ReportNumbers.Count(result.Windows)} windows, {ReportNumbers.Count(result.Tokens)} tokens" : null)),
            ("tokenizer", Shared(rows, row => row.Result is { } result ? Tokenizer(result) : null)),
            ("engine", Shared(rows, row => row.Result?.Engine)),
            ("decoded with", Shared(rows, row => row.Row.Speed is { } speed ? speed.Threads == 1 ? "1 thread" : $"{ReportNumbers.Count(speed.Threads)} threads" : null)),
            ("SHA-256", corpus.Sha256),
        };
        facts.RemoveAll(fact => fact.Value.Length == 0);
        return facts;
    }

    private static string Tokenizer(CorpusResult result) =>
        result.TokenizerSha256 is { } hash ? $"{result.Tokenizer} {hash[..Math.Min(HashDigits, hash.Length)]}" : result.Tokenizer;

    // What most rows have in common, then the rows that differ: "63 windows; small, large: 31 windows".
    private static string Shared(IReadOnlyList<TableRow> rows, Func<TableRow, string?> value)
    {
        var groups = rows.Select(row => (row.Row.Name, Value: value(row))).Where(row => row.Value is not null)
            .GroupBy(row => row.Value!, row => row.Name, StringComparer.Ordinal).OrderByDescending(group => group.Count()).ToList();
        return string.Join("; ", groups.Select((group, i) => i == 0 ? group.Key : $"{string.Join(", ", group)}: {group.Key}"));
    }
}
