using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BiMamba.Comparison.Cells;

/// <summary>Everything that a result depends on; its hash is the name of the result.</summary>
/// <param name="Tool">Name and version of the tool.</param>
/// <param name="Model">The row.</param>
/// <param name="Reference">What it is compared with; null for the reference itself.</param>
/// <param name="Corpus">SHA-256 of the text.</param>
/// <param name="Protocol">Name of the protocol.</param>
/// <param name="Context">Tokens of a window.</param>
/// <param name="MaxWindows">Most windows, or null.</param>
/// <param name="Join">Name of the rule by which rows are joined.</param>
/// <param name="Engine">The engine.</param>
/// <param name="KlWindows">Windows over which distributions are compared.</param>
/// <param name="HasSpeed">True where decoding is measured.</param>
public sealed record CellKey(
    string Tool, ModelKey Model, ModelKey? Reference, string Corpus, string Protocol, int Context, int? MaxWindows, string Join, string Engine, int KlWindows, bool HasSpeed)
{
    /// <summary>SHA-256 of the key, 64 lower-case hexadecimal digits.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, CellJson.Default.CellKey))));
}

/// <summary>What a model depends on.</summary>
/// <param name="Tool">Name and version of the tool that converts it.</param>
/// <param name="Files">Names and SHA-256 of its files, without folders.</param>
/// <param name="Tokenizer">Hash of its tokenizer, or null.</param>
/// <param name="Method">The pipeline, or null.</param>
/// <param name="Calibration">SHA-256, samples, length and seed of the calibration, or null.</param>
public sealed record ModelKey(string Tool, IReadOnlyList<string> Files, string? Tokenizer, string? Method, string? Calibration)
{
    /// <summary>SHA-256 of the key, 64 lower-case hexadecimal digits.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, CellJson.Default.ModelKey))));
}
