using System.Globalization;
using BiMamba.CommandLine.Console;
using BiMamba.Formats.Bimb;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Rebuilding;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Reports;

/// <summary>What rebuild says: what was written, then the tensors and the values of the recipe that differ, and a line for all.</summary>
internal sealed class RebuildReport(TextWriter writer)
{
    private const int HashDigits = 16;
    private const int MostShown = 60;

    /// <summary>The result as text.</summary>
    public void Write(RebuildResult result)
    {
        if (result.Written is var (path, bytes))
            writer.WriteLine($"{path}: {SizeLedger.Show(bytes)}, written and verified");
        if (result.Comparison is not { } comparison)
            return;
        WriteTensors(comparison.Different);
        WriteRecipe(comparison.Recipe);
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.File}: {comparison.Tensors - comparison.Different.Count} of {comparison.Tensors} tensors equal, module {Say(comparison.ModuleLine is null)}, tokenizer {Say(comparison.IsTokenizerEqual)}, recipe {Say(comparison.IsRecipeEqual)}, file {(comparison.IsFileEqual ? "equal byte for byte" : "different")}"));
    }

    /// <summary>The result as JSON.</summary>
    public static RebuildJson ToJson(CommandContext context, RebuildResult result) => new(
        1, result.File, result.Recipe.Pipeline, result.Recipe.Version, ToolVersion.Text, result.Written?.Path, result.Written?.Bytes,
        result.Comparison is { } comparison ? Check(comparison) : null, DiagnosticJson.Of(context));

    private static RebuildCheckJson Check(RebuildComparison comparison) => new(
        comparison.IsModelEqual, comparison.IsFileEqual, comparison.Tensors, comparison.Tensors - comparison.Different.Count,
        [.. comparison.Different.Select(pair => new TensorDifferenceJson(pair.Name, Tensor(pair.File), Tensor(pair.Rebuilt)))],
        comparison.ModuleLine is var (file, rebuilt) ? new ModuleDifferenceJson(file, rebuilt) : null, comparison.IsTokenizerEqual, comparison.IsRecipeEqual, comparison.Recipe);

    private static RebuiltTensorJson? Tensor(BimbTensor? tensor) => tensor is null ? null : new RebuiltTensorJson(TensorDifference.TypeOf(tensor)!, tensor.Size, tensor.Sha256);

    private void WriteTensors(IReadOnlyList<TensorDifference> different)
    {
        if (different.Count == 0)
            return;
        var table = new TextTable("tensor", "in the file", "sha256", "rebuilt", "sha256");
        foreach (var (name, file, rebuilt) in different)
            table.Add(name, TensorDifference.TypeOf(file) ?? "none", Hash(file), TensorDifference.TypeOf(rebuilt) ?? "none", Hash(rebuilt));
        table.Write(writer);
        writer.WriteLine();
    }

    private void WriteRecipe(IReadOnlyList<RecipeDifference> different)
    {
        if (different.Count == 0)
            return;
        var table = new TextTable("recipe", "in the file", "rebuilt");
        foreach (var (field, file, rebuilt) in different)
            table.Add(field, Cut(file), Cut(rebuilt));
        table.Write(writer);
        writer.WriteLine();
    }

    private static string Hash(BimbTensor? tensor) => tensor?.Sha256[..HashDigits] ?? "";

    private static string Cut(string? value) => value is null ? "none" : value.Length <= MostShown ? value : value[..MostShown] + "...";

    private static string Say(bool isEqual) => isEqual ? "equal" : "different";
}
