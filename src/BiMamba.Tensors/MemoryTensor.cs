using System.Runtime.InteropServices;

namespace BiMamba.Tensors;

/// <summary>A tensor whose bytes are held in memory.</summary>
public sealed class MemoryTensor : Tensor
{
    private readonly ReadOnlyMemory<byte> bytes;

    /// <summary>A tensor over bytes that the caller does not change any more.</summary>
    /// <param name="bytes">The little-endian elements in row-major order.</param>
    /// <param name="type">Their type.</param>
    /// <param name="shape">The shape, outermost dimension first.</param>
    /// <exception cref="ArgumentException">There are not as many bytes as the shape has elements.</exception>
    public MemoryTensor(ReadOnlyMemory<byte> bytes, ElementType type, Shape shape)
        : base(type, shape)
    {
        if (bytes.Length != ByteLength)
            throw new ArgumentException($"expected {ByteLength} bytes, found {bytes.Length}", nameof(bytes));
        this.bytes = bytes;
    }

    /// <summary>An f32 tensor of a copy of the values.</summary>
    /// <param name="values">The elements in row-major order.</param>
    /// <param name="shape">The shape, of as many elements.</param>
    /// <exception cref="ArgumentException">There are not as many values as the shape has elements.</exception>
    public static MemoryTensor Of(ReadOnlySpan<float> values, Shape shape) =>
        new(MemoryMarshal.AsBytes(values).ToArray(), ElementType.F32, shape);

    /// <summary>A one-dimensional f32 tensor.</summary>
    public static MemoryTensor Vector(ReadOnlySpan<float> values) => Of(values, Shape.Of(values.Length));

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public override bool TryGetSpan(long offset, int length, out ReadOnlySpan<byte> span)
    {
        CheckRange(offset, length);
        span = bytes.Span.Slice((int)offset, length);
        return true;
    }
}
