using System.Text.Json;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Cards;

/// <summary>
/// What the recipe of a .bimb file says; null or empty where it does not say it. A recipe is foreign text: what cannot be
/// read is left out.
/// </summary>
/// <param name="Tool">The program that wrote the file, with its version.</param>
/// <param name="Pipeline">The passes.</param>
/// <param name="Fidelity">How the checkpoint was read.</param>
/// <param name="BaseModel">The model that it was made of.</param>
/// <param name="Sources">The files that it was made of.</param>
/// <param name="Calibration">What passes looked at beside the weights.</param>
internal sealed record CardRecipe(string? Tool, string? Pipeline, string? Fidelity, string? BaseModel, IReadOnlyList<SourceJson> Sources, CalibrationJson? Calibration)
{
    /// <summary>Reads a recipe.</summary>
    /// <param name="recipe">The text of the file.</param>
    /// <param name="calibration">Its calibration.</param>
    public static CardRecipe Of(string recipe, CalibrationJson? calibration)
    {
        try
        {
            var root = ForeignJson.Parse(recipe);
            if (root.ValueKind == JsonValueKind.Object)
                return Of(CardFields.Of(root), calibration);
        }
        catch (JsonException)
        {
            // Text that is not JSON says nothing.
        }

        return new CardRecipe(null, null, null, null, [], calibration);
    }

    private static CardRecipe Of(CardFields fields, CalibrationJson? calibration)
    {
        var (tool, version) = (Text(fields, "tool"), Text(fields, "version"));
        return new CardRecipe(
            tool is not null && version is not null ? $"{tool} {version}" : tool, Text(fields, "pipeline"), Text(fields, "importFidelity"), Text(fields, "baseModel"),
            fields.Has("sources") ? [.. fields.List("sources").Select(Source).OfType<SourceJson>()] : [], calibration);
    }

    private static SourceJson? Source(CardFields fields) =>
        Text(fields, "name") is { } name && Text(fields, "sha256") is { } hash ? new SourceJson(name, fields.WholeOrNull("bytes") ?? 0, hash) : null;

    private static string? Text(CardFields fields, string name) => fields.TextOrNull(name) is { Length: > 0 } text ? text : null;
}
