using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.IR.Reading;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using BiMamba.Text;

namespace BiMamba.Toolchain.Journal;

/// <summary>A finished block as a file: its IR text, the bytes of its new resources, and what was said of it.</summary>
internal static class BlockArchive
{
    private const string TextKey = "text";
    private const string ReportsKey = "reports";

    /// <summary>Writes a block; false with an error where that fails.</summary>
    public static bool Write(string path, string purpose, FinishedBlock finished, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var module = new IR.Module("journal", Level.Quant, [], IR.Module.ResourceMap(finished.Resources), [finished.Block]);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [TextKey] = IrPrinter.Print(module, withHashes: false),
            [ReportsKey] = JsonSerializer.Serialize(Reports(finished), JournalSchema.Default.BlockReportsJson),
        };
        return JournalArchive.Write(path, purpose, [.. finished.Resources.Select(resource => KeyValuePair.Create(resource.Name, resource.Data))], texts, diagnostics, cancellation);
    }

    /// <summary>Reads a block; null with the reason where the file is damaged.</summary>
    public static FinishedBlock? Read(string path, string purpose, out string? reason)
    {
        string? found = null;
        var result = JournalArchive.Read(path, purpose, (tensors, texts) => Read(path, tensors, texts, out found), ref found);
        reason = found;
        return result;
    }

    private static FinishedBlock? Read(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> texts, out string? reason)
    {
        var bag = new DiagnosticBag();
        var parsed = IrParser.ParseUnverified(new SourceText(path, texts.GetValueOrDefault(TextKey, "")), bag)?.Module;
        if (parsed is null || parsed.Blocks.Length != 1)
        {
            reason = parsed is null ? bag.Items[0].Message : "expected one block";
            return null;
        }

        reason = "a resource of its block has no bytes, or others than its type says";
        if (parsed.Resources.Count != tensors.Count)
            return null;
        var resources = parsed.Resources.Values.Select(declared => Resource(declared, tensors.GetValueOrDefault(declared.Name))).ToArray();
        if (resources.Contains(null))
            return null;
        reason = "what was measured on its block cannot be read";
        return Reports(texts.GetValueOrDefault(ReportsKey, "")) is var (measurements, diagnostics)
            ? new FinishedBlock(parsed.Blocks[0], [.. resources.OfType<Resource>()], measurements, diagnostics)
            : null;
    }

    private static Resource? Resource(Resource declared, Tensor? data)
    {
        var element = declared.Encoding.Info().Element;
        if (data is null || data.Type != (element ?? ElementType.U8) || data.ByteLength != declared.Encoding.ByteLength(declared.Shape) || data.ByteLength > Array.MaxLength)
            return null;
        return new Resource(declared.Name, declared.Encoding, declared.Shape, new MemoryTensor(data.ToBytes(), data.Type, element is null ? data.Shape : declared.Shape));
    }

    private static BlockReportsJson Reports(FinishedBlock finished) => new(
        [.. finished.Measurements.Select(m => new MeasurementJson(m.Stage, m.Resource, m.Measure, m.Value))],
        [.. finished.Diagnostics.Select(d => new KeptDiagnosticJson(d.Id, d.Message, d.Place.File, d.Place.Tensor, d.Place.Field, d.Hint))]);

    private static (ImmutableArray<PassMeasurement> Measurements, ImmutableArray<Diagnostic> Diagnostics)? Reports(string json)
    {
        try
        {
            // Elements of a list may be null, whatever their type says.
            if (JsonSerializer.Deserialize(json, JournalSchema.Default.BlockReportsJson) is not { } read || read.Measurements.Any(row => row is null))
                return null;
            var diagnostics = read.Diagnostics.Select(d => d is not null && Find(d.Id) is { } row ? new Diagnostic(row, d.Message, new Place(d.File, d.Tensor, d.Field), d.Hint) : null).ToArray();
            return diagnostics.Contains(null) ? null : ([.. read.Measurements.Select(m => new PassMeasurement(m.Pass, m.Tensor, m.Measure, m.Value))], [.. diagnostics.OfType<Diagnostic>()]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The row of what a pass says without failing, by its id.</summary>
    private static DiagnosticDescriptor? Find(string id) => typeof(PipelineDiagnostics).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => field.GetValue(null)).OfType<DiagnosticDescriptor>().FirstOrDefault(row => row.Id == id && row.Severity != Severity.Error);
}
