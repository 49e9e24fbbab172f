using System.Globalization;
using BiMamba.Evaluation;
using BiMamba.Runtime;

namespace BiMamba.CommandLine.Reports;

/// <summary>A perplexity as text.</summary>
internal static class PerplexityReport
{
    /// <summary>Writes the figures, then everything that they depend on.</summary>
    public static void Write(TextWriter writer, Perplexity result, RuntimeOptions runtime)
    {
        var error = result.StandardError is { } standard ? string.Create(CultureInfo.InvariantCulture, $" +/- {standard:0.000000}") : "";
        var bits = result.BitsPerByte is { } value ? string.Create(CultureInfo.InvariantCulture, $", {value:0.000000} bits per byte") : "";
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"perplexity {result.Value:0.000000}{error}{bits}, {result.Nll:0.000000} nats a token"));
        if (result.BytePerplexity is { } bytes)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"byte perplexity {bytes:0.000000}{(result.WordPerplexity is { } words ? string.Create(CultureInfo.InvariantCulture, $", word perplexity {words:0.000000}") : "")}"));
        WriteOrigin(writer, result.Plan, result.Tokens, runtime);
    }

    /// <summary>Writes protocol, windows, corpus, tokenizer and engine.</summary>
    public static void WriteOrigin(TextWriter writer, WindowPlan plan, long tokens, RuntimeOptions runtime)
    {
        var corpus = plan.Corpus;
        var join = corpus.Join == JoinRule.None.Name ? "" : $", joined by {corpus.Join}";
        var tokenizer = corpus.TokenizerHash is null ? "" : " sha256 " + corpus.TokenizerHash[..16];
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"protocol {plan.Protocol.Name}, context {plan.Context}, {plan.Count} windows, {tokens} tokens scored; corpus {Path.GetFileName(corpus.Path)} sha256 {corpus.Sha256[..16]}{join}, tokenizer {corpus.TokenizerKind}{tokenizer}"));
        writer.WriteLine($"engine {RuntimeWords.Of(runtime.Engine)}, state {RuntimeWords.Of(runtime.StateType)}");
    }
}
