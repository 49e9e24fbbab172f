using System.Globalization;
using BiMamba.Evaluation;
using BiMamba.Runtime;

namespace BiMamba.CommandLine.Reports;

/// <summary>The statistics of protocol llamacpp-kl in JSON; probabilities are shares from 0 to 1.</summary>
internal sealed record LlamaCppKlJson(
    int SchemaVersion, string Model, string Reference, string Protocol, int Context, int Windows, int Tokens, string Corpus, string CorpusSha256, string Join, string Tokenizer, string? TokenizerSha256,
    string Engine, string State, Estimate Perplexity, Estimate ReferencePerplexity, double? Correlation, Estimate LogRatio, Estimate Ratio, Estimate Difference,
    Estimate Kl, IReadOnlyList<Quantile> KlQuantiles, Estimate ProbabilityDifference, IReadOnlyList<Quantile> ProbabilityQuantiles, Estimate RootMeanSquareDifference, Estimate SameTop)
{
    public static LlamaCppKlJson Of(string model, string reference, LlamaCppKlResult result, RuntimeOptions runtime)
    {
        var (plan, corpus) = (result.Plan, result.Plan.Corpus);
        return new LlamaCppKlJson(
            1, model, reference, plan.Protocol.Name, plan.Context, plan.Count, result.Tokens, Path.GetFileName(corpus.Path), corpus.Sha256, corpus.Join, corpus.TokenizerKind, corpus.TokenizerHash,
            RuntimeWords.Of(runtime.Engine), RuntimeWords.Of(runtime.StateType), result.Perplexity, result.ReferencePerplexity, result.Correlation, result.LogRatio, result.Ratio, result.Difference,
            result.Kl, result.KlQuantiles, result.ProbabilityDifference, result.ProbabilityQuantiles, result.RootMeanSquareDifference, result.SameTop);
    }
}

/// <summary>The statistics of protocol llamacpp-kl as text, in llama.cpp's order.</summary>
internal static class LlamaCppKlReport
{
    /// <summary>Writes them.</summary>
    public static void Write(TextWriter writer, LlamaCppKlResult result, RuntimeOptions runtime)
    {
        Line("perplexity", result.Perplexity);
        Line("perplexity of the reference", result.ReferencePerplexity);
        if (result.Correlation is { } correlation)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"correlation of log perplexities",-34}{correlation * 100,12:0.00} %"));
        Line("log of the ratio", result.LogRatio);
        Line("ratio", result.Ratio);
        Line("difference", result.Difference);
        writer.WriteLine();
        Line("KL divergence, mean", result.Kl);
        Quantiles("KL divergence", result.KlQuantiles, 1, "");
        writer.WriteLine();
        Line("probability difference, mean", result.ProbabilityDifference, 100, " %");
        Quantiles("probability difference", result.ProbabilityQuantiles, 100, " %");
        Line("root mean square of it", result.RootMeanSquareDifference, 100, " %");
        Line("same top token", result.SameTop, 100, " %");
        writer.WriteLine();
        PerplexityReport.WriteOrigin(writer, result.Plan, result.Tokens, runtime);

        void Line(string name, Estimate estimate, double scale = 1, string unit = "") =>
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34}{estimate.Value * scale,12:0.000000} +/- {estimate.StandardError * scale:0.000000}{unit}"));

        void Quantiles(string name, IEnumerable<Quantile> quantiles, double scale, string unit)
        {
            foreach (var quantile in quantiles)
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name + ", " + Name(quantile.Share),-34}{quantile.Value * scale,12:0.000000}{unit}"));
        }
    }

    private static string Name(double share) => share switch
    {
        1 => "greatest",
        0.5 => "median",
        0 => "least",
        _ => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %"),
    };
}
