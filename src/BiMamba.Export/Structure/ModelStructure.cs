using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Export.Structure;

/// <summary>The architectures that other programs know.</summary>
internal enum LayerFamily
{
    /// <summary>Mamba-1.</summary>
    Mamba1,

    /// <summary>FalconMamba.</summary>
    FalconMamba,

    /// <summary>Mamba-2, and Bi-Mamba of any level.</summary>
    Mamba2,
}

/// <summary>The sizes of a layer, which all layers share.</summary>
/// <param name="Model">Features of a token.</param>
/// <param name="Inner">Features inside a layer.</param>
/// <param name="State">State of a channel or head.</param>
/// <param name="ConvWidth">Taps of the convolution.</param>
/// <param name="Heads">Heads of Mamba-2; 0 in Mamba-1.</param>
/// <param name="Groups">Groups of Mamba-2; 0 in Mamba-1.</param>
/// <param name="Rank">Rank of the time step of Mamba-1; 0 in Mamba-2.</param>
internal sealed record LayerShape(long Model, long Inner, long State, long ConvWidth, long Heads, long Groups, long Rank);

/// <summary>A layer: its ops by <see cref="Parts"/>.</summary>
internal sealed record Layer(string Block, LayerShape Shape, ImmutableDictionary<string, Op> Ops)
{
    /// <summary>The op of a part.</summary>
    public Op this[string part] => Ops[part];
}

/// <summary>A module that has the ops of a model that other programs know, taken apart.</summary>
/// <param name="Module">The module.</param>
/// <param name="Family">What its layers are.</param>
/// <param name="Shape">The sizes of its layers.</param>
/// <param name="Embedding">The embedding.</param>
/// <param name="Layers">The layers.</param>
/// <param name="FinalNorm">The norm before the head.</param>
/// <param name="Head">The head.</param>
/// <param name="Eps">The epsilon of all norms but those of FalconMamba's dt, B and C.</param>
internal sealed record ModelStructure(
    Module Module, LayerFamily Family, LayerShape Shape, Op Embedding, ImmutableArray<Layer> Layers, Op FinalNorm, Op Head, double Eps)
{
    /// <summary>True where the head is the embedding.</summary>
    public bool IsTied => Embedding.Get("weight") == Head.Get("weight")
        || Module.Resources[Embedding.Get("weight")].Data.IsSameStorage(Module.Resources[Head.Get("weight")].Data);

    /// <summary>Stored rows of the vocabulary.</summary>
    public int Rows => Module.VocabularyRows;

    /// <summary>The resource of a role, or null.</summary>
    public Resource? Find(Op op, string role) => op.Find(role) is { } name ? Module.Resources[name] : null;
}
