using System.Text.Json;
using System.Text.Json.Serialization;
using BiMamba.Measurement;

namespace BiMamba.Benchmarks.Results;

/// <summary>One round of ours: the medians of one process.</summary>
/// <param name="Decode">Tokens a second.</param>
/// <param name="Prefill">Tokens a second of 512 at once.</param>
/// <param name="CeilingShare">Bytes moved in decoding over the read bandwidth of the same moments.</param>
/// <param name="LinearShare">Rate of the sign products of 512 tokens over the fp32 peak of the same moments.</param>
/// <param name="PrefillShare">The same with the time of the whole prefill.</param>
/// <param name="FirstToken">Seconds from opening the file to the first logits, in a process that has just begun.</param>
/// <param name="FirstTokenAgain">The same once more in that process.</param>
/// <param name="Bandwidth">The best read bandwidth, bytes a second.</param>
/// <param name="Peak">The best fp32 peak, operations a second.</param>
/// <param name="Memory">Memory while decoding.</param>
/// <param name="TokenJoules">Joules of a token, or null.</param>
public sealed record OurRound(
    double Decode, double Prefill, double CeilingShare, double? LinearShare, double PrefillShare, double FirstToken, double? FirstTokenAgain,
    double Bandwidth, double Peak, ProcessMemory? Memory, double? TokenJoules);

/// <summary>One round of llama.cpp: the medians of one process.</summary>
/// <param name="Decode">Tokens a second.</param>
/// <param name="Prefill">Tokens a second of 512 at once.</param>
/// <param name="ResidentBytes">The most that was resident.</param>
public sealed record LlamaRound(double Decode, double Prefill, long ResidentBytes);

/// <summary>llama.cpp on a file of the same shape.</summary>
/// <param name="Type">Type of the projections, with an fp16 embedding and head.</param>
/// <param name="FileBytes">Size of the file.</param>
/// <param name="Rounds">A row a round, as those of ours.</param>
public sealed record LlamaResult(string Type, long FileBytes, IReadOnlyList<LlamaRound> Rounds);

/// <summary>Perplexity of a trained model: how fast a text is evaluated, and what the form of the state costs.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="State">Element type of the states of scans.</param>
/// <param name="Tokens">Scored tokens.</param>
/// <param name="Seconds">Seconds of the whole command.</param>
/// <param name="Perplexity">Perplexity by windows of 1024 tokens.</param>
public sealed record EvaluationResult(string Model, string State, long Tokens, double Seconds, double Perplexity);

/// <summary>A model of one size.</summary>
/// <param name="Size">Word of the size.</param>
/// <param name="FileBytes">Size of the .bimb file.</param>
/// <param name="Parts">Bytes that a token moves.</param>
/// <param name="Rounds">A row a round.</param>
/// <param name="Llama">A row a type; empty without llama.cpp.</param>
public sealed record ModelResult(
    string Size, long FileBytes, IReadOnlyList<ByteShare> Parts, IReadOnlyList<OurRound> Rounds, IReadOnlyList<LlamaResult> Llama)
{
    /// <summary>Bytes that a token moves.</summary>
    [JsonIgnore]
    public long TokenBytes => Parts.Sum(part => part.Bytes);

    /// <summary>The median of a number of ours.</summary>
    public double Median(Func<OurRound, double> value) => Statistics.Median(Rounds.Select(value));

    /// <summary>llama.cpp with a type, or null.</summary>
    public LlamaResult? Find(string type) => Llama.FirstOrDefault(row => row.Type == type);

    /// <summary>The median of the ratios of the rounds, ours over theirs; null without them.</summary>
    public double? Ratio(string type, Func<OurRound, double> ours, Func<LlamaRound, double> theirs) =>
        Find(type) is { Rounds.Count: > 0 } other ? Statistics.Median(Rounds.Zip(other.Rounds, (a, b) => ours(a) / theirs(b))) : null;
}

/// <summary>One point of a growth.</summary>
/// <param name="X">Context, batch or threads.</param>
/// <param name="TokensPerSecond">Decoded tokens a second, of all sequences.</param>
/// <param name="PrefillPerSecond">Tokens of a prompt a second, or null.</param>
/// <param name="AnonymousBytes">Memory of its own, or null.</param>
public sealed record GrowthPoint(int X, double TokensPerSecond, double? PrefillPerSecond, long? AnonymousBytes);

/// <summary>How the cost of a token grows.</summary>
/// <param name="Size">Size of the model.</param>
/// <param name="Context">By tokens before it.</param>
/// <param name="Batch">By sequences side by side.</param>
/// <param name="Threads">By threads.</param>
public sealed record GrowthResult(string Size, IReadOnlyList<GrowthPoint> Context, IReadOnlyList<GrowthPoint> Batch, IReadOnlyList<GrowthPoint> Threads);

/// <summary>A conversion beside a plain copy of the checkpoint.</summary>
/// <param name="Size">Size of the model.</param>
/// <param name="Seconds">Seconds of the conversion.</param>
/// <param name="CopySeconds">Seconds of the copy.</param>
/// <param name="Ratio">The median of the ratios.</param>
/// <param name="AnonymousBytes">The most memory of its own, or null.</param>
public sealed record ConversionResult(string Size, double Seconds, double CopySeconds, double Ratio, long? AnonymousBytes);

/// <summary>All that docs/PERFORMANCE.md is written from.</summary>
/// <param name="SchemaVersion">1.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Threads">Threads of all programs.</param>
/// <param name="Llama">Release of llama.cpp, or null.</param>
/// <param name="LlamaAbsent">Why llama.cpp was not measured, or null.</param>
/// <param name="Models">A row a size, smallest first.</param>
/// <param name="Growth">How the cost grows, or null.</param>
/// <param name="Conversion">The conversion, or null.</param>
/// <param name="Evaluations">Perplexity of trained models; empty where they are not there.</param>
/// <param name="Note">What a reader has to know of the run; written by hand into results.json, or null.</param>
public sealed record PerformanceResults(
    int SchemaVersion, MachineDescription Machine, int Threads, string? Llama, string? LlamaAbsent, IReadOnlyList<ModelResult> Models, GrowthResult? Growth, ConversionResult? Conversion,
    IReadOnlyList<EvaluationResult> Evaluations, string? Note = null);

/// <summary>results.json.</summary>
[JsonSerializable(typeof(PerformanceResults))]
public sealed partial class ResultsJson : JsonSerializerContext
{
    /// <summary>camelCase, indented.</summary>
    public static ResultsJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
