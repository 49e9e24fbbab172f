using System.Text.Json;
using System.Text.Json.Serialization;

namespace BiMamba.Toolchain.Recipes;

/// <summary>A source file in JSON.</summary>
internal sealed record SourceJson(string Name, long Bytes, string Sha256);

/// <summary>How a file was made; stored in it.</summary>
internal sealed record RecipeJson(int SchemaVersion, string Tool, string Version, string Pipeline, string Architecture, string Layout, string ImportFidelity, IReadOnlyList<SourceJson> Sources, string Tokenizer)
{
    /// <summary>Columns that the gated norm of Mamba-2 takes together, where the conversion was told so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? NormGroupSize { get; init; }

    /// <summary>What passes looked at beside the weights, be it those of this pipeline or of the .bimb file that was its input.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CalibrationJson? Calibration { get; init; }
}

/// <summary>A calibration in a recipe: the file, its hash, windows, their tokens and the seed of their choice.</summary>
internal sealed record CalibrationJson(string Name, string Sha256, int Samples, int SequenceLength, int Seed)
{
    /// <summary>By which a text to evaluate is compared with the windows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NgramsJson? Ngrams { get; init; }
}

/// <summary>JSON of recipes: camelCase, indented, no reflection at run time.</summary>
[JsonSerializable(typeof(RecipeJson))]
internal sealed partial class RecipeSchema : JsonSerializerContext
{
    /// <summary>Text goes into files, never into HTML: only what JSON itself needs is escaped.</summary>
    public static RecipeSchema Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
