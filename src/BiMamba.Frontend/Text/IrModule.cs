using BiMamba.IR;
using BiMamba.IR.Reading;

namespace BiMamba.Frontend.Text;

/// <summary>A module of IR text, with its weights where they lie beside it. Disposing it closes the files.</summary>
/// <param name="Text">The text as it was read; its resources have no weights.</param>
/// <param name="Module">The module to work with.</param>
/// <param name="Files">Every file that decided it: the text, then the weights.</param>
/// <param name="Owned">The open file of weights, or null.</param>
public sealed record IrModule(IrText Text, Module Module, IReadOnlyList<string> Files, IDisposable? Owned) : IDisposable
{
    /// <summary>True where every resource has its weights.</summary>
    public bool HasWeights => Module.Resources.Values.All(resource => resource.HasData);

    /// <inheritdoc/>
    public void Dispose() => Owned?.Dispose();
}
