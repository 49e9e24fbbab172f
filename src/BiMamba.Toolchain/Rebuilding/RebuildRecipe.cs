using System.Globalization;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Bimb;
using BiMamba.Passes;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Text;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.Toolchain.Rebuilding;

/// <summary>Reads a recipe as a command. A recipe is foreign text: nothing of it is believed before it is checked.</summary>
internal static class RebuildRecipe
{
    private const string Tool = "bimambac";

    /// <summary>
    /// The recipe of a file, and whether a pass of its pipeline looks at activations. Null with
    /// <see cref="CommandDiagnostics.Recipe"/> where it does not say all that a conversion needs, or with what is wrong in
    /// its pipeline.
    /// </summary>
    public static (RecipeJson Recipe, bool IsCalibrated)? Read(BimbFile file, DiagnosticBag diagnostics)
    {
        if (Parse(file.Recipe, out var problem) is not { } recipe)
        {
            Report(file, "", problem, diagnostics);
            return null;
        }

        if (Problem(recipe) is var (field, message))
        {
            Report(file, field, message, diagnostics);
            return null;
        }

        if (PassTable.Parse(new SourceText("pipeline", recipe.Pipeline), diagnostics) is not { } pipeline)
            return null;
        var isCalibrated = pipeline.Stages.Any(stage => stage.Pass is CalibratedPass);
        if (!isCalibrated || recipe.Calibration is not null)
            return (recipe, isCalibrated);
        Report(file, ".calibration", "expected the calibration of a pass that looks at activations, found none", diagnostics);
        return null;
    }

    private static RecipeJson? Parse(string text, out string problem)
    {
        problem = "expected the recipe of a conversion, found ";
        try
        {
            var root = ForeignJson.Parse(text);
            if (root.ValueKind != JsonValueKind.Object)
            {
                problem += "JSON that is no object";
                return null;
            }

            return root.Deserialize(RecipeSchema.Plain.RecipeJson);
        }
        catch (JsonException e)
        {
            problem += e.Path is { Length: > 1 } path ? $"another value at {path}" : text.Length == 0 ? "no text" : "text that is no JSON";
            return null;
        }
    }

    private static (string Field, string Message)? Problem(RecipeJson recipe)
    {
        if (recipe.Tool != Tool)
            return (".tool", $"expected {Tool}, found {(recipe.Tool is null ? "none" : $"'{recipe.Tool}'")}");
        if (recipe.SchemaVersion != 1)
            return (".schemaVersion", string.Create(CultureInfo.InvariantCulture, $"expected 1, found {recipe.SchemaVersion}"));
        if (recipe.Version is null)
            return (".version", "expected a version, found none");
        if (string.IsNullOrEmpty(recipe.Pipeline))
            return (".pipeline", "expected the passes of the conversion, found none");
        if (recipe.ImportFidelity is not (LoadOptions.Latent or LoadOptions.OfficialFp16))
            return (".importFidelity", $"expected {LoadOptions.Latent} or {LoadOptions.OfficialFp16}, found {(recipe.ImportFidelity is null ? "none" : $"'{recipe.ImportFidelity}'")}");
        if (recipe.NormGroupSize is < 1)
            return (".normGroupSize", string.Create(CultureInfo.InvariantCulture, $"expected at least 1, found {recipe.NormGroupSize}"));
        if (recipe.Sources is not { Count: > 0 } sources || sources.Any(source => source is not { Name: not null, Sha256: not null }))
            return (".sources", "expected name and sha256 of every input, found other values");
        if (recipe.Tokenizer is null)
            return (".tokenizer", "expected the SHA-256 of a tokenizer or an empty text, found none");
        return recipe.Calibration is null or { Name: not null, Sha256: not null, Samples: >= 1, SequenceLength: >= 1, Seed: >= 0 }
            ? null
            : (".calibration", "expected name, sha256, samples, sequenceLength and seed, found other values");
    }

    private static void Report(BimbFile file, string field, string message, DiagnosticBag diagnostics) =>
        diagnostics.Add(CommandDiagnostics.Recipe, message, new Place(file.Path, Field: "recipe" + field), "only what bimambac convert wrote can be made again; inspect shows the recipe");
}
