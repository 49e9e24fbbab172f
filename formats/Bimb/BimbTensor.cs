using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Formats.Bimb;

/// <summary>One tensor of an open file; its bytes are mapped, not read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Encoding">How its elements are stored.</param>
/// <param name="Shape">Logical shape.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Size">Bytes of the tensor.</param>
/// <param name="Sha256">Lower-case hexadecimal SHA-256 that the file states.</param>
/// <param name="Data">The bytes: of the element type and shape for a plain encoding, else u8.</param>
public sealed record BimbTensor(string Name, Encoding Encoding, Shape Shape, long Offset, long Size, string Sha256, Tensor Data)
{
    /// <summary>The tensor as a resource of a module.</summary>
    public Resource ToResource() => new(Name, Encoding, Shape, Data, Sha256);
}
