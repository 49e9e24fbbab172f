using BiMamba.Diagnostics;
using BiMamba.Text;

namespace BiMamba.IR.Reading;

/// <summary>A module that was read from text, and where its parts stand there.</summary>
public sealed class IrText
{
    private readonly IReadOnlyDictionary<IrPart, int> positions;

    internal IrText(SourceText source, Module module, IReadOnlyDictionary<IrPart, int> positions)
    {
        Source = source;
        Module = module;
        this.positions = positions;
    }

    /// <summary>The text.</summary>
    public SourceText Source { get; }

    /// <summary>The module. Its resources have types and hashes and no weights, until <see cref="WeightBinder"/> finds them.</summary>
    public Module Module { get; }

    /// <summary>
    /// Adds a diagnostic at the op, else at its block, else at the resource, else at the module's name. Where an op and
    /// a resource are known, the hint gives the line of the resource: either can be the one that is wrong.
    /// </summary>
    internal void Report(DiagnosticBag diagnostics, DiagnosticDescriptor rule, string message, IrPart part, string? hint = null)
    {
        if (part is { Block: not null, Resource: { } name } && LineOf(new IrPart(Resource: name)) is { } line)
            hint = $"{(hint is null ? "" : hint + "; ")}@{TextEscapes.Name(name)} is declared in line {line}";
        Source.Report(diagnostics, rule, Position(part), message, hint);
    }

    /// <summary>The line of a part, from 1; null where it is unknown.</summary>
    internal int? LineOf(IrPart part) => positions.TryGetValue(part, out var position) ? Source.LineColumn(position).Line : null;

    private int Position(IrPart part)
    {
        ReadOnlySpan<IrPart> candidates = part.Block is null ? [part, default] : [part with { Resource = null }, new IrPart(part.Block), default];
        foreach (var candidate in candidates)
        {
            if (positions.TryGetValue(candidate, out var position))
                return position;
        }

        return 0;
    }
}
