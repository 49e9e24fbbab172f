using System.Text.Json;
using System.Text.Json.Serialization;
using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Cells;

/// <summary>What was measured of a model on a text.</summary>
/// <param name="SchemaVersion">Version of this layout.</param>
/// <param name="Key">What it depends on.</param>
/// <param name="Training"><c>full</c>, <c>bat</c> or <c>ptb</c>.</param>
/// <param name="Size">What the model takes.</param>
/// <param name="Speed">How fast it is, or null.</param>
/// <param name="Tokenizer">Kind of the tokenizer, or <c>ids</c>.</param>
/// <param name="TokenizerSha256">Its hash, or null.</param>
/// <param name="TokensPerByte">Tokens for every byte of the text, or null.</param>
/// <param name="Windows">The score of every window.</param>
/// <param name="Divergence">Against the reference, or null.</param>
/// <param name="Refusal">Why there is no divergence, or null.</param>
public sealed record CellResult(
    int SchemaVersion, CellKey Key, string Training, ModelSize Size, ModelSpeed? Speed, string Tokenizer, string? TokenizerSha256, double? TokensPerByte,
    IReadOnlyList<CellWindow> Windows, CellDivergence? Divergence, string? Refusal)
{
    /// <summary>The version that is written.</summary>
    public const int Schema = 1;
}

/// <summary>The score of a window.</summary>
/// <param name="Sum">Negative log-likelihood of the scored tokens, in nats.</param>
/// <param name="Tokens">Scored tokens.</param>
/// <param name="PositionSums">The same by position: element k holds the positions 2^k to 2^(k + 1) - 1.</param>
/// <param name="PositionTokens">Tokens of each.</param>
public sealed record CellWindow(double Sum, int Tokens, IReadOnlyList<double> PositionSums, IReadOnlyList<int> PositionTokens);

/// <summary>How far the predictions of a model are from the reference's.</summary>
/// <param name="Windows">Windows that were compared.</param>
/// <param name="Kl">Mean KL divergence, in nats a token.</param>
/// <param name="KlStandardError">Its standard error over windows, or null for one.</param>
/// <param name="TopAgreement">Share of tokens with the same most likely one.</param>
/// <param name="Blocks">Relative error of every block over the first window; none where the models have other blocks.</param>
public sealed record CellDivergence(int Windows, double Kl, double? KlStandardError, double TopAgreement, IReadOnlyList<BlockDifference> Blocks);

/// <summary>How cells are written as JSON.</summary>
[JsonSerializable(typeof(CellResult))]
[JsonSerializable(typeof(CellKey))]
[JsonSerializable(typeof(ModelKey))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NewLine = "\n", NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class CellJson : JsonSerializerContext;
