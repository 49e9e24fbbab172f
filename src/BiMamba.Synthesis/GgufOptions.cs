using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;

namespace BiMamba.Synthesis;

/// <summary>How a checkpoint is stored in a GGUF file.</summary>
/// <param name="Linear">The type of both projections of a layer, one of <see cref="LinearTypes"/>.</param>
/// <param name="Head">The type of the embedding, which is the head too, one of <see cref="HeadTypes"/>.</param>
public sealed record GgufOptions(GgmlType Linear, GgmlType Head)
{
    /// <summary>The types of projections. All widths of the official shapes are a whole number of their blocks.</summary>
    public static ImmutableArray<GgmlType> LinearTypes { get; } = [GgmlType.F16, GgmlType.Q8, GgmlType.Q4, GgmlType.TQ2, GgmlType.Q1];

    /// <summary>The types of the embedding; the first is the default.</summary>
    public static ImmutableArray<GgmlType> HeadTypes { get; } = [GgmlType.F16, GgmlType.Q8];

    /// <summary>Options from the words of a command line.</summary>
    /// <param name="architecture">The architecture of the checkpoint.</param>
    /// <param name="linear">A name of <see cref="LinearTypes"/>.</param>
    /// <param name="head">A name of <see cref="HeadTypes"/>.</param>
    /// <param name="diagnostics">Receives <see cref="SynthesisDiagnostics.NotGguf"/> and <see cref="SynthesisDiagnostics.UnknownType"/>.</param>
    /// <returns>The options, or null after an error.</returns>
    public static GgufOptions? Create(Architecture architecture, string linear, string head, DiagnosticBag diagnostics)
    {
        if (architecture != Architecture.Mamba2)
        {
            diagnostics.Add(SynthesisDiagnostics.NotGguf, $"expected {Architecture.Mamba2.Word}, found '{architecture.Word}'", new Place(Field: "--arch"), "leave out --gguf for a checkpoint folder");
            return null;
        }

        var linearType = Find(LinearTypes, linear, "--gguf", diagnostics);
        var headType = Find(HeadTypes, head, "--head", diagnostics);
        return linearType is null || headType is null ? null : new GgufOptions(linearType, headType);
    }

    private static GgmlType? Find(ImmutableArray<GgmlType> types, string name, string field, DiagnosticBag diagnostics)
    {
        var type = types.FirstOrDefault(row => row.Name == name);
        if (type is null)
            diagnostics.Add(SynthesisDiagnostics.UnknownType, $"expected {string.Join(" | ", types.Select(row => row.Name))}, found '{name}'", new Place(Field: field));
        return type;
    }
}
