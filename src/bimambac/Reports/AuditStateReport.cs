using System.Globalization;
using BiMamba.CommandLine.Console;
using BiMamba.Evaluation.StateAudit;
using BiMamba.Runtime;

namespace BiMamba.CommandLine.Reports;

/// <summary>What audit-state says: errors by position, errors and memory by layer, predictions by position.</summary>
internal sealed class AuditStateReport(TextWriter writer)
{
    /// <summary>The result as text.</summary>
    /// <param name="reference">The reference as the user named it.</param>
    /// <param name="model">The model as the user named it.</param>
    /// <param name="result">The audit.</param>
    /// <param name="runtime">How both were run.</param>
    public void Write(string reference, string model, StateAuditResult result, RuntimeOptions runtime)
    {
        var corpus = result.Plan.Corpus;
        Line($"{model} against {reference}: engine {RuntimeWords.Of(runtime.Engine)}");
        Line($"the first {result.Plan.Context} tokens of {Path.GetFileName(corpus.Path)} sha256 {corpus.Sha256[..16]}, tokenizer {corpus.TokenizerKind}{(corpus.TokenizerHash is { } hash ? " sha256 " + hash[..16] : "")}");
        writer.WriteLine();
        writer.WriteLine("states: norm of the difference over norm of the reference's state");
        WritePositions(result);
        writer.WriteLine();
        Line($"layers: errors after {result.Positions[^1]} tokens; memory in tokens, median of the heads");
        WriteLayers(result);
        writer.WriteLine();
        writer.WriteLine("predictions by tokens seen, the last row all of them: KL(reference || model) and negative log-likelihoods in nats a token");
        WriteBuckets(result);
    }

    private void WritePositions(StateAuditResult result)
    {
        var table = new TextTable("tokens", "median error", "worst error", "layer", "head");
        foreach (var errors in Enumerable.Range(0, result.Positions.Count).Select(result.Errors))
        {
            var worst = result.Layers[errors.WorstLayer];
            table.Add(Number(errors.Position), Number(errors.Median), Number(errors.Worst), worst.Block, worst.HasHeads ? Number(errors.WorstHead) : "");
        }

        table.Write(writer);
    }

    private void WriteLayers(StateAuditResult result)
    {
        var table = new TextTable("layer", "heads", "median error", "worst error", "head", "reference memory", "model memory", "ratio: median", "least", "greatest");
        foreach (var layer in result.Layers)
        {
            var (error, head) = layer.WorstError(result.Positions.Count - 1);
            var ratios = layer.Heads.Select(item => item.MemoryRatio).ToArray();
            table.Add(
                layer.Block, layer.HasHeads ? Number(layer.Heads.Count) : "", Number(layer.MedianError(result.Positions.Count - 1)), Number(error), layer.HasHeads ? Number(head) : "",
                Short(layer.ReferenceMemory), Short(layer.OtherMemory), Ratio(layer.MemoryRatio), Ratio(ratios.Min()), Ratio(ratios.Max()));
        }

        table.Write(writer);
    }

    private void WriteBuckets(StateAuditResult result)
    {
        var table = new TextTable("from", "to", "tokens", "KL", "reference", "model", "same top token");
        foreach (var bucket in result.Buckets)
        {
            table.Add(
                Number(bucket.First), Number(bucket.End - 1), Number(bucket.Tokens), Number(bucket.Kl),
                Number(bucket.ReferenceNll), Number(bucket.OtherNll), Percent(bucket.TopAgreement));
        }

        table.Add("1", Number(result.Plan.Context - 1), Number(result.Tokens), Number(result.Kl), Number(result.ReferenceNll), Number(result.OtherNll), Percent(result.TopAgreement));
        table.Write(writer);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.000000", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Ratio(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture) + " %";

    private void Line(FormattableString text) => writer.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
