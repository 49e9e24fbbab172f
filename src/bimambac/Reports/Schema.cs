using System.Text.Json;
using System.Text.Json.Serialization;
using BiMamba.Evaluation;
using BiMamba.Export.Gguf;
using BiMamba.Runtime;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Journal;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Reports;

/// <summary>A diagnostic in JSON.</summary>
internal sealed record DiagnosticJson(string Id, string Severity, string Place, string Message)
{
    /// <summary>Everything that a command has to say so far.</summary>
    public static IReadOnlyList<DiagnosticJson> Of(CommandContext context) =>
        [.. context.Diagnostics.Items.Select(d => new DiagnosticJson(d.Id, d.Severity.ToString().ToLowerInvariant(), d.Place.ToString(), d.Message))];
}

/// <summary>Bits a weight, by what is counted.</summary>
internal sealed record BitsJson(double? PlanesAlone, double? BinarizedLinears, double AllTensors, double WholeFile);

/// <summary>
/// A perplexity in JSON; the overlap is a share from 0 to 1, estimated over so many n-grams. The seed is null because nothing
/// is drawn.
/// </summary>
internal sealed record PerplexityJson(
    int SchemaVersion, string Model, double Perplexity, double? StandardError, double Nll, double? BitsPerByte, double? BytePerplexity, double? WordPerplexity, string Protocol, int Context, int Windows, long Tokens,
    string Corpus, string CorpusSha256, string Join, long CorpusTokens, string Tokenizer, string? TokenizerSha256, string Engine, string State, int? Seed,
    double? CalibrationOverlap, int? CalibrationOverlapSampled, IReadOnlyList<double> WindowNll)
{
    public static PerplexityJson Of(string model, Perplexity result, RuntimeOptions runtime, NgramOverlap? overlap) => new(
        1, model, result.Value, result.StandardError, result.Nll, result.BitsPerByte, result.BytePerplexity, result.WordPerplexity, result.Protocol, result.Context, result.WindowNll.Count, result.Tokens,
        Path.GetFileName(result.Corpus.Path), result.Corpus.Sha256, result.Corpus.Join, result.Corpus.Ids.Length, result.Corpus.TokenizerKind, result.Corpus.TokenizerHash,
        RuntimeWords.Of(runtime.Engine), RuntimeWords.Of(runtime.StateType), null, overlap?.Share, overlap?.Sampled, result.WindowNll);
}

/// <summary>What --validate found.</summary>
internal sealed record ValidationJson(PerplexityJson Source, PerplexityJson Output, double MaxLogitDifference, double MeanKl, double TopAgreement, IReadOnlyList<BlockError> Blocks)
{
    public static ValidationJson Of(string target, ComparisonResult comparison, NgramOverlap? source, NgramOverlap? output) => new(
        PerplexityJson.Of("source", comparison.Reference, RuntimeOptions.Reference, source), PerplexityJson.Of(target, comparison.Other, RuntimeOptions.Reference, output),
        comparison.MaxLogitDifference, comparison.MeanDivergence, comparison.TopAgreement, comparison.Blocks);
}

/// <summary>The result of convert.</summary>
internal sealed record ConvertJson(
    int SchemaVersion, string Output, long FileBytes, bool Written, string Pipeline, long Weights, BitsJson BitsPerWeight, IReadOnlyList<LedgerRow> Ledger,
    IReadOnlyList<MeasurementJson> Measurements, ValidationJson? Validation, IReadOnlyList<DiagnosticJson> Diagnostics);

/// <summary>Where an exported file comes from; stored in it.</summary>
internal sealed record ProvenanceJson(int SchemaVersion, string Tool, string Version, string Pipeline, IReadOnlyList<SourceJson> Sources)
{
    /// <summary>The recipe of the .bimb file that was the source.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Recipe { get; init; }
}

/// <summary>The result of export; losses are those of the weight matrices of a GGUF file.</summary>
internal sealed record ExportJson(
    int SchemaVersion, string Output, string Format, string Type, string? Head, string Pipeline, long FileBytes, IReadOnlyList<WeightLoss> Losses, ValidationJson? Validation, IReadOnlyList<DiagnosticJson> Diagnostics);

/// <summary>A tensor in JSON.</summary>
internal sealed record TensorJson(string Name, string Role, string Encoding, IReadOnlyList<long> Shape, long Bytes, long? Offset, string? Sha256);

/// <summary>The result of inspect.</summary>
internal sealed record InspectJson(
    int SchemaVersion, string File, long FileBytes, string Level, IReadOnlyDictionary<string, string> Attributes, string Tokenizer, string? TokenizerSha256,
    long Weights, BitsJson BitsPerWeight, IReadOnlyList<LedgerRow> Ledger, IReadOnlyList<TensorJson> Tensors, JsonElement? Recipe);

/// <summary>The result of tokenize.</summary>
internal sealed record TokenizeJson(int SchemaVersion, string Tokenizer, string TokenizerSha256, int Count, IReadOnlyList<int> Ids);

/// <summary>The result of generate.</summary>
internal sealed record GenerateJson(int SchemaVersion, string Prompt, IReadOnlyList<int> PromptIds, IReadOnlyList<int> Ids, string Text);

/// <summary>An option of a pass.</summary>
internal sealed record PassOptionJson(string Name, string Kind, string Default, IReadOnlyList<string> Allowed, string Summary);

/// <summary>A pass.</summary>
internal sealed record PassJson(string Name, string Summary, IReadOnlyList<string> Levels, string Weights, IReadOnlyList<PassOptionJson> Options, string Example);

/// <summary>The result of passes.</summary>
internal sealed record PassesJson(int SchemaVersion, IReadOnlyList<PassJson> Passes, IReadOnlyList<NamedPipelineJson> Pipelines);

/// <summary>A named pipeline and the stages that it stands for.</summary>
internal sealed record NamedPipelineJson(string Name, string Summary, string Stages);

/// <summary>A role of an op.</summary>
internal sealed record OperandJson(string Name, string Kind, bool Required, string Summary);

/// <summary>An attribute of an op; a null default must be given.</summary>
internal sealed record OpAttributeJson(string Name, string Kind, IReadOnlyList<string> Words, string? Default, string Summary);

/// <summary>An op.</summary>
internal sealed record OpJson(string Name, string Summary, string Formula, IReadOnlyList<string> Levels, IReadOnlyList<OperandJson> Operands, IReadOnlyList<OpAttributeJson> Attributes);

/// <summary>The result of ops.</summary>
internal sealed record OpsJson(int SchemaVersion, IReadOnlyList<OpJson> Ops);

/// <summary>The largest difference of two values; infinite where only one of them is a number.</summary>
internal sealed record DifferenceJson(double Max, int Token, int Feature, double Expected, double Found);

/// <summary>A stage of bisect; without differences where the verifier refuses its module.</summary>
internal sealed record BisectStageJson(string Stage, DifferenceJson? FromInput, DifferenceJson? FromPrevious, IReadOnlyList<string> Problems);

/// <summary>The layer that bisect names.</summary>
internal sealed record BisectLayerJson(string Name, bool IsAlone, DifferenceJson? Logits);

/// <summary>The tensor that bisect names.</summary>
internal sealed record BisectTensorJson(
    string Value, string? OpBefore, string? OpAfter, string TypeBefore, string TypeAfter, IReadOnlyList<string> Weights, int FeaturesOff, DifferenceJson? Difference);

/// <summary>The small module of bisect.</summary>
internal sealed record BisectReproducerJson(string? File, string Scope, bool IsSliced, long WeightBytes, IReadOnlyList<int> Ids, double Tolerance, double Difference);

/// <summary>What bisect names; the stage counts from 0.</summary>
internal sealed record BisectCulpritJson(int Stage, string Pass, bool IsSudden, BisectLayerJson? Layer, BisectTensorJson? Tensor, BisectReproducerJson? Reproducer);

/// <summary>The result of bisect.</summary>
internal sealed record BisectJson(int SchemaVersion, int Tokens, double Tolerance, IReadOnlyList<BisectStageJson> Stages, BisectCulpritJson? Culprit);

/// <summary>JSON of all results: camelCase, indented, no reflection at run time.</summary>
[JsonSerializable(typeof(ConvertJson))]
[JsonSerializable(typeof(ProvenanceJson))]
[JsonSerializable(typeof(RebuildJson))]
[JsonSerializable(typeof(ExportJson))]
[JsonSerializable(typeof(PerplexityJson))]
[JsonSerializable(typeof(LlamaCppKlJson))]
[JsonSerializable(typeof(TasksJson))]
[JsonSerializable(typeof(InspectJson))]
[JsonSerializable(typeof(TokenizeJson))]
[JsonSerializable(typeof(GenerateJson))]
[JsonSerializable(typeof(PassesJson))]
[JsonSerializable(typeof(SpecsJson))]
[JsonSerializable(typeof(SpecJson))]
[JsonSerializable(typeof(OpsJson))]
[JsonSerializable(typeof(BisectJson))]
[JsonSerializable(typeof(BenchJson))]
[JsonSerializable(typeof(SensitivityJson))]
[JsonSerializable(typeof(AuditStateJson))]
internal sealed partial class Schema : JsonSerializerContext
{
    /// <summary>Text goes to files and terminals, never into HTML: only what JSON itself needs is escaped.</summary>
    public static Schema Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        // The perplexity of a broken model can be infinite.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
