using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Console;
using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.IR;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Reports;

/// <summary>What inspect says of a model.</summary>
internal sealed class InspectReport(string path, LoadedModel model, BimbFile? file, SizeLedger ledger)
{
    private const int HashDigits = 16;

    /// <summary>The report as text.</summary>
    public void Write(TextWriter writer)
    {
        writer.WriteLine($"{path}: {SizeLedger.Show(ledger.FileBytes)}, level {model.Module.Level.Name()}");
        writer.WriteLine(string.Join(", ", model.Module.Attributes.Select(pair => $"{pair.Key} {pair.Value}")));
        writer.WriteLine($"tokenizer: {(model.Tokenizer is { } tokenizer ? $"{tokenizer.Kind}, {Number(tokenizer.VocabularySize)} ids, sha256 {tokenizer.Hash[..HashDigits]}" : "none")}");
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"weights: {ledger.Weights}; bits a weight: {(ledger.BinarizedBits is { } bits ? $"{ledger.PlaneBits:0.000} of signs or codes alone, {bits:0.000} in the low-bit linears, " : "")}{ledger.TensorBits:0.000} in all tensors, {ledger.FileBits:0.000} in the whole file"));
        if (file is not null)
            WriteRecipe(writer);
        writer.WriteLine();
        ConvertReport.WriteLedger(writer, ledger);
        writer.WriteLine();
        var table = new TextTable("tensor", "type", "bytes", "bits a weight", "sha256");
        foreach (var row in Tensors())
        {
            table.Add(
                row.Name, $"{row.Encoding}[{string.Join(',', row.Shape.Select(Number))}]", Number(row.Bytes),
                (8.0 * row.Bytes / Math.Max(1, row.Shape.Aggregate(1L, (a, b) => a * b))).ToString("0.##", CultureInfo.InvariantCulture), row.Sha256?[..HashDigits] ?? "");
        }

        table.Write(writer);
    }

    /// <summary>The report as JSON.</summary>
    public InspectJson ToJson() => new(
        1, path, ledger.FileBytes, model.Module.Level.Name(), model.Module.Attributes.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal),
        model.Tokenizer?.Kind ?? "none", model.Tokenizer?.Hash, ledger.Weights, new BitsJson(ledger.PlaneBits, ledger.BinarizedBits, ledger.TensorBits, ledger.FileBits), ledger.Rows, [.. Tensors()], Recipe());

    private void WriteRecipe(TextWriter writer)
    {
        if (Recipe() is not { } recipe || recipe.ValueKind != JsonValueKind.Object)
            return;
        if (recipe.TryGetProperty("pipeline", out var pipeline))
            writer.WriteLine($"pipeline: {PrintableText.Line(pipeline.ToString())}");
        if (!recipe.TryGetProperty("sources", out var sources) || sources.ValueKind != JsonValueKind.Array)
            return;
        foreach (var source in sources.EnumerateArray().Where(source => source.ValueKind == JsonValueKind.Object))
        {
            if (source.TryGetProperty("name", out var name) && source.TryGetProperty("sha256", out var sha256))
                writer.WriteLine(PrintableText.Line($"source: {name} sha256 {sha256}"));
        }
    }

    private JsonElement? Recipe()
    {
        if (file is null)
            return null;
        try
        {
            return ForeignJson.Parse(file.Recipe);
        }
        catch (JsonException)
        {
            // The recipe is a text for people; a foreign writer may have put anything there.
            return null;
        }
    }

    private IEnumerable<TensorJson> Tensors()
    {
        var roles = model.Module.Blocks
            .SelectMany(block => block.Body.SelectMany(op => op.Operands.Where(operand => operand.IsResource).Select(operand => (operand.Name, Role: $"{op.Info.Name}.{operand.Role}"))))
            .GroupBy(pair => pair.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => string.Join(' ', group.Select(pair => pair.Role).Distinct(StringComparer.Ordinal)), StringComparer.Ordinal);
        return model.Module.Resources.Values.Select(resource => new TensorJson(
            resource.Name, roles[resource.Name], resource.Encoding.Name(), resource.Shape.Dims, resource.Data.StoredLength,
            file?.Tensors[resource.Name].Offset, file?.Tensors[resource.Name].Sha256));
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
