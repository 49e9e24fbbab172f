using BiMamba.Formats.Gguf;

namespace BiMamba.Export.Gguf;

/// <summary>How a model is stored in a GGUF file.</summary>
/// <param name="Linear">The type of both projections of a layer.</param>
/// <param name="Embedding">The type of the embedding and of a head of its own.</param>
/// <param name="Strict">True to refuse a file that does not hold every weight exactly.</param>
/// <param name="Name">The name of the model.</param>
/// <param name="Provenance">What the file says of its origin, JSON.</param>
/// <param name="Tool">The program and its version.</param>
public sealed record GgufExportOptions(GgmlType Linear, GgmlType Embedding, bool Strict, string Name, string Provenance, string Tool)
{
    /// <summary>True for types of blocks, which weights fit better after the scales of an FBI-Linear went into the norm before it.</summary>
    public static bool WantsFolding(GgmlType type) => type.BlockElements > 1;
}
