using System.Globalization;
using BiMamba.CommandLine.Console;
using BiMamba.Evaluation;
using BiMamba.Pipeline;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Journal;

namespace BiMamba.CommandLine.Reports;

/// <summary>What convert says at the end.</summary>
internal sealed class ConvertReport(TextWriter writer, bool isVerbose)
{
    /// <summary>The result as text.</summary>
    public void Write(ConvertResult result)
    {
        var ledger = result.Sizes;
        Line($"{result.Path}: {SizeLedger.Show(ledger.FileBytes)}{(result.IsWritten ? ", written and verified" : ", not written (--dry-run)")}");
        Line($"pipeline: {result.Pipeline}");
        Line($"bits a weight: {(ledger.BinarizedBits is { } bits ? $"{ledger.PlaneBits:0.000} of signs or codes alone, {bits:0.000} in the low-bit linears, " : "")}{ledger.TensorBits:0.000} in all tensors, {ledger.FileBits:0.000} in the whole file");
        writer.WriteLine();
        WriteLedger(writer, ledger);
        if (result.Validation is { } comparison)
            Write(comparison);
        if (isVerbose && result.Measurements.Count > 0)
            Write(result.Measurements);
    }

    /// <summary>The ledger as a table.</summary>
    public static void WriteLedger(TextWriter writer, SizeLedger ledger)
    {
        var table = new TextTable("bytes", "share", "weights", "tensors", "kind");
        foreach (var row in ledger.Rows)
            table.Add(Number(row.Bytes), string.Create(CultureInfo.InvariantCulture, $"{100.0 * row.Bytes / ledger.FileBytes:0.0} %"), Number(row.Weights), Number(row.Tensors), row.Kind);
        table.Write(writer);
    }

    /// <summary>The result as JSON.</summary>
    public static ConvertJson ToJson(CommandContext context, ConvertResult result, ValidationJson? validation)
    {
        var ledger = result.Sizes;
        return new ConvertJson(
            1, result.Path, ledger.FileBytes, result.IsWritten, result.Pipeline, ledger.Weights, new BitsJson(ledger.PlaneBits, ledger.BinarizedBits, ledger.TensorBits, ledger.FileBits), ledger.Rows,
            [.. result.Measurements.Select(m => new MeasurementJson(m.Stage, m.Resource, m.Measure, m.Value))],
            validation,
            DiagnosticJson.Of(context));
    }

    /// <summary>What --validate found, as text.</summary>
    public void Write(ComparisonResult comparison)
    {
        var (source, output) = (comparison.Reference, comparison.Other);
        writer.WriteLine();
        Line($"{Path.GetFileName(source.Corpus.Path)}: protocol {source.Protocol}, context {source.Context}, {source.WindowNll.Count} windows, {source.Tokens} tokens scored");
        var table = new TextTable("model", "perplexity", "bits per byte");
        table.Add("source", Six(source.Value), source.BitsPerByte is { } a ? Six(a) : "");
        table.Add("written", Six(output.Value), output.BitsPerByte is { } b ? Six(b) : "");
        table.Write(writer);
        Line($"logits: largest difference {comparison.MaxLogitDifference:0.0e+0}, mean KL {comparison.MeanDivergence:0.0e+0} nats, same top token {100 * comparison.TopAgreement:0.000} %");
        if (!isVerbose)
            return;
        writer.WriteLine();
        var blocks = new TextTable("block", "largest error", "relative error");
        foreach (var block in comparison.Blocks)
            blocks.Add(block.Block, Short(block.MaxError), Short(block.RelativeError));
        blocks.Write(writer);
    }

    private void Write(IReadOnlyList<PassMeasurement> measurements)
    {
        writer.WriteLine();
        var table = new TextTable("pass", "tensor", "measure", "value");
        foreach (var m in measurements)
            table.Add(m.Stage, m.Resource, m.Measure, Short(m.Value));
        table.Write(writer);
    }

    private void Line(FormattableString text) => writer.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Six(double value) => value.ToString("0.000000", CultureInfo.InvariantCulture);

    private static string Short(double value) => value == Math.Truncate(value) && Math.Abs(value) < 1e15
        ? value.ToString("0", CultureInfo.InvariantCulture)
        : value.ToString("0.0e+0", CultureInfo.InvariantCulture);
}
