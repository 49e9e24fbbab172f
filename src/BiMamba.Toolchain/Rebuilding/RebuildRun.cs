using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Bimb;
using BiMamba.Toolchain.Conversion;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.Toolchain.Rebuilding;

/// <summary>
/// Makes a file again from its recipe and its inputs, and compares both. Inputs of other hashes are refused before any
/// pass runs; a comparison alone writes nothing to the disk.
/// </summary>
/// <param name="path">The .bimb file.</param>
/// <param name="options">Where its inputs are, and what is asked for.</param>
/// <param name="context">Whom it tells what.</param>
internal sealed class RebuildRun(string path, RebuildOptions options, ConversionContext context)
{
    private readonly DiagnosticBag diagnostics = context.Diagnostics;

    /// <summary>
    /// Does it; null where it could not be done. A file that is not what its recipe gives is a result, with
    /// <see cref="CommandDiagnostics.RebuiltDiffers"/> in the bag.
    /// </summary>
    public RebuildResult? Execute()
    {
        using var file = BimbReader.Open(path, diagnostics);
        if (file is null || RebuildRecipe.Read(file, diagnostics) is not var (recipe, isCalibrated))
            return null;
        var inputs = new RebuildInputs(file, recipe, options, context);
        if (!inputs.AreGiven(isCalibrated) || !CanWrite() || (options.Check && !HasStatedHashes(file)))
            return null;
        using var model = inputs.Open();
        if (model is null || inputs.Hash(model) is not { } sources)
            return null;
        var calibration = isCalibrated ? inputs.Calibration() : null;
        if (diagnostics.HasErrors)
            return null;
        if (recipe.Version != ToolVersion.Text)
            diagnostics.Add(CommandDiagnostics.OtherVersion, $"the file was made by version {recipe.Version}, and is made again by version {ToolVersion.Text}", Place.OfFile(path), "what differs may come from that");
        var settings = new ConvertOptions { Pipeline = recipe.Pipeline, Calibration = calibration, Force = options.Force, Threads = options.Threads, Sources = sources };
        return Convert(file, recipe, new ModelConversion(model, inputs.Load, options.Output ?? path, settings, context));
    }

    private bool CanWrite() => options.Output is not { } output || (OutputCheck.DiffersFromInputs(output, [path], diagnostics)
        && ModelConversion.CheckOutput(output, new ConvertOptions { Force = options.Force }, diagnostics));

    private bool HasStatedHashes(BimbFile file)
    {
        var total = file.Rows.Sum(row => row.Size);
        return BimbVerifier.VerifyHashes(file, diagnostics, context.Begin(ConversionStep.Verify, total), context.Cancellation);
    }

    private RebuildResult? Convert(BimbFile file, RecipeJson recipe, ModelConversion conversion)
    {
        if ((options.Output is { } target && !conversion.DiffersFromInputs(target, path)) || conversion.ChooseStages() is not { } stages)
            return null;
        var data = conversion.Calibrate();
        if (diagnostics.HasErrors)
            return null;
        if (options.Output is { } output)
            return conversion.Run(stages, data) is { } written ? Written(file, recipe, output, written.Sizes.FileBytes) : null;
        if (conversion.Digest(stages, data) is not var (content, digest))
            return null;
        return new RebuildResult(path, recipe, null, Judge(RebuildComparison.Of(file, content.Module, content.Recipe, digest)));
    }

    private RebuildResult? Written(BimbFile file, RecipeJson recipe, string output, long bytes)
    {
        if (!options.Check)
            return new RebuildResult(path, recipe, (output, bytes), null);
        using var rebuilt = BimbReader.Open(output, diagnostics);
        return rebuilt is null ? null : new RebuildResult(path, recipe, (output, bytes), Judge(RebuildComparison.Of(file, rebuilt.Module, rebuilt.Recipe, BimbDigest.Of(rebuilt))));
    }

    /// <summary>Reports what is not as it should be: the first tensor stands for all.</summary>
    private RebuildComparison Judge(RebuildComparison comparison)
    {
        if (comparison.Different is [var first, ..])
        {
            var count = string.Create(CultureInfo.InvariantCulture, $"{comparison.Different.Count} of {comparison.Tensors} tensors differ");
            Differs($"expected {Show(first.Rebuilt)}, found {Show(first.File)}", new Place(path, first.Name, Offset: first.File?.Offset), $"{count}: the file was changed, or made in another way than its recipe says");
        }

        if (comparison.ModuleLine is var (found, expected))
            Differs(found == expected ? "expected the module that the recipe gives, found other bytes of the same text" : $"expected '{expected}', found '{found}'", new Place(path, Field: "module"), "the file was changed, or made in another way than its recipe says");
        if (!comparison.IsTokenizerEqual)
            Differs("expected the tokenizer that the recipe names, found another", new Place(path, Field: "tokenizer"), "the file was changed after it was written");
        return comparison;
    }

    private void Differs(string message, Place place, string hint) => diagnostics.Add(CommandDiagnostics.RebuiltDiffers, message, place, hint);

    private static string Show(BimbTensor? tensor) => tensor is null ? "no such tensor" : $"{TensorDifference.TypeOf(tensor)} with SHA-256 {tensor.Sha256}";
}
