using BiMamba.Tensors;

namespace BiMamba.IR;

/// <summary>Stands for weights that are not here: a module of IR text alone has types, and nothing to read.</summary>
internal sealed class AbsentTensor : Tensor
{
    private AbsentTensor(ElementType type, Shape shape)
        : base(type, shape)
    {
    }

    /// <summary>As many bytes as the encoding has for the shape.</summary>
    public static AbsentTensor Of(Encoding encoding, Shape shape) => encoding.Info().Element is { } element
        ? new AbsentTensor(element, shape)
        : new AbsentTensor(ElementType.U8, Shape.Of(encoding.ByteLength(shape)));

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination) =>
        throw new InvalidOperationException("a module without weights was run or rewritten by a pass that needs them");
}
