using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Tensors;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Sensitivities;

/// <summary>Reads the JSON that sensitivity wrote.</summary>
internal static class SensitivityFile
{
    private const long MaxBytes = 16 << 20;

    /// <summary>The parts of a file; null with an error where it is none, or one of another model.</summary>
    public static IReadOnlyList<SensitivityPartJson>? Read(string path, LoadedModel model, DiagnosticBag diagnostics)
    {
        using var map = FileMap.Open(path, diagnostics);
        if (map is null)
            return null;
        if (Parse(map, out var reason) is not { } parts)
        {
            diagnostics.Add(CommandDiagnostics.SensitivityFile, $"expected what bimambac sensitivity --json writes: {reason}", Place.OfFile(path));
            return null;
        }

        var (expected, found) = (Describe(LinearParts.Of(model.Module).Select(part => (part.Name, part.Weights))), Describe(parts.Select(part => (part.Part, part.Weights))));
        if (expected == found)
            return parts;
        diagnostics.Add(CommandDiagnostics.WrongModel, $"--sensitivity: expected the parts of the model, {expected}, found {found}", Place.OfFile(path), "measure this model");
        return null;
    }

    /// <summary>The parts of a mapped file; null with the reason where it is none.</summary>
    internal static IReadOnlyList<SensitivityPartJson>? Parse(FileMap map, out string reason)
    {
        reason = "";
        if (map.Length > MaxBytes)
        {
            reason = $"found {map.Length} bytes, more than {MaxBytes}";
            return null;
        }

        try
        {
            var json = JsonSerializer.Deserialize(map.Copy(0, (int)map.Length), Schema.Plain.SensitivityJson);
            reason = Reject(json);
            return reason.Length == 0 ? json!.Parts : null;
        }
        catch (JsonException e)
        {
            reason = e.Message;
            return null;
        }
    }

    /// <summary>Why a document has no parts to choose from; empty where it has.</summary>
    private static string Reject(SensitivityJson? json)
    {
        if (json?.SchemaVersion != SensitivityJson.Schema)
            return string.Create(CultureInfo.InvariantCulture, $"the schemaVersion is not {SensitivityJson.Schema}");
        if (json.Parts is not { Count: > 0 } parts || parts.Any(part => part is not { Part.Length: > 0, Weights: > 0, Choices.Count: > 0 }))
            return "a part has no name, no weights or no choices";
        // Elements of a list may be null, whatever their type says.
        var isSound = parts.SelectMany(part => part.Choices).All(choice => choice is { Bits: not null, StoredBytes: > 0 and < 1L << 50, Kl: >= 0 and < double.PositiveInfinity });
        return isSound ? "" : "a choice has no bits, no bytes or no divergence";
    }

    private static string Describe(IEnumerable<(string Name, long Weights)> parts) =>
        string.Join(", ", parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Name} of {part.Weights} weights")));
}
