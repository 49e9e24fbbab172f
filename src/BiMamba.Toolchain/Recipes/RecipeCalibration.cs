using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Formats.Bimb;
using BiMamba.Toolchain.Models;

namespace BiMamba.Toolchain.Recipes;

/// <summary>What the recipe of a .bimb file says of a calibration. A recipe is foreign text: it may say anything.</summary>
internal static class RecipeCalibration
{
    private const string Field = "recipe.calibration";

    /// <summary>The calibration of a model; null where it has none. A warning says what cannot be read of it.</summary>
    public static CalibrationJson? Of(LoadedModel model, DiagnosticBag diagnostics)
    {
        if (model.Owned is not BimbFile file || Find(file.Recipe) is not { } element)
            return null;
        var calibration = Read(element);
        if (calibration is null)
            Report("expected name, sha256, samples, sequenceLength and seed of a calibration, found other JSON", Field);
        else if (calibration.Ngrams is { } ngrams && ngrams.ToSketch() is null)
            Report("expected n, limit and ascending hashes of five bytes in base64, found other values", Field + ".ngrams");
        else
            return calibration;
        return calibration is null ? null : calibration with { Ngrams = null };

        void Report(string message, string field) =>
            diagnostics.Add(CommandDiagnostics.CalibrationRecord, message, new Place(model.Path, Field: field), "see to it that the text to evaluate is not that of the calibration");
    }

    /// <summary>The warning where a text overlaps a calibration, and by how much; null where that is not known.</summary>
    public static NgramOverlap? Compare(CalibrationJson? calibration, WindowPlan plan, DiagnosticBag diagnostics) =>
        calibration is null ? null : CalibrationOverlap.Check(calibration.Sha256, calibration.Ngrams?.ToSketch(), plan, diagnostics);

    /// <summary>What stands under the key of the calibration; null where nothing does.</summary>
    internal static JsonElement? Find(string recipe)
    {
        try
        {
            var root = ForeignJson.Parse(recipe);
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("calibration", out var calibration) && calibration.ValueKind != JsonValueKind.Null
                ? calibration
                : null;
        }
        catch (JsonException)
        {
            // Text that is not JSON, or has a name that is not Unicode, says nothing of a calibration.
            return null;
        }
    }

    /// <summary>A calibration; null where it is none.</summary>
    internal static CalibrationJson? Read(JsonElement element)
    {
        try
        {
            return element.Deserialize(RecipeSchema.Plain.CalibrationJson) is { Name: not null, Sha256: not null } calibration ? calibration : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
