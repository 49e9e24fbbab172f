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

    /// <summary>Adds a diagnostic at the closest known position: the op, else its block, else the resource, else the start.</summary>
    internal void Report(DiagnosticBag diagnostics, DiagnosticDescriptor rule, string message, IrPart part)
    {
        if (!positions.TryGetValue(part with { Resource = null }, out var position)
            && !positions.TryGetValue(new IrPart(part.Block), out position)
            && !positions.TryGetValue(new IrPart(Resource: part.Resource), out position))
        {
            position = 0;
        }

        Source.Report(diagnostics, rule, position, message);
    }
}
