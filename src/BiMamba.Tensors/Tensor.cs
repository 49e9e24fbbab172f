using System.Collections.Immutable;

namespace BiMamba.Tensors;

/// <summary>
/// An immutable tensor whose bytes are row-major, contiguous and little-endian, and are read in pieces: mapped from a
/// file, held in memory, gathered from strides or computed on the way. Reading is safe from several threads.
/// </summary>
public abstract class Tensor
{
    /// <summary>A tensor of a type and a shape whose bytes fit 63 bits.</summary>
    /// <param name="type">The stored element type.</param>
    /// <param name="shape">The shape, outermost dimension first.</param>
    /// <param name="sources">Tensors that are read when this one is.</param>
    /// <exception cref="OverflowException">The bytes of all elements do not fit 63 bits.</exception>
    protected Tensor(ElementType type, Shape shape, params ReadOnlySpan<Tensor> sources)
        : this(type, shape, FilesOf(sources))
    {
    }

    /// <summary>A tensor whose bytes are read from mapped files.</summary>
    /// <param name="type">The stored element type.</param>
    /// <param name="shape">The shape, outermost dimension first.</param>
    /// <param name="files">The files.</param>
    /// <exception cref="OverflowException">The bytes of all elements do not fit 63 bits.</exception>
    protected Tensor(ElementType type, Shape shape, ImmutableArray<FileMap> files)
    {
        Type = type;
        Shape = shape;
        Files = files;
        ByteLength = checked(shape.Count * type.Size());
    }

    /// <summary>The stored element type.</summary>
    public ElementType Type { get; }

    /// <summary>The shape.</summary>
    public Shape Shape { get; }

    /// <summary>Bytes of all elements.</summary>
    public long ByteLength { get; }

    /// <summary>The mapped files from which the bytes are read, each once; none where they are in memory or computed.</summary>
    public ImmutableArray<FileMap> Files { get; }

    /// <summary>Bytes that the elements take where they are stored: other than <see cref="ByteLength"/> where they are decoded on the way.</summary>
    public virtual long StoredLength => ByteLength;

    /// <summary>Copies bytes from an offset; the range must lie inside the tensor.</summary>
    /// <param name="offset">First byte, from the start of the tensor.</param>
    /// <param name="destination">Receives as many bytes as it is long: little-endian elements in row-major order.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the tensor.</exception>
    /// <exception cref="InputChangedException">A file from which it is read does not have the bytes any more.</exception>
    public abstract void Read(long offset, Span<byte> destination);

    /// <summary>The bytes at an offset without a copy, where they lie in one piece.</summary>
    /// <remarks>
    /// Bytes of a mapped file are gone with the file: work that looks at them once takes them by <see cref="Read"/> or
    /// <see cref="TensorReading.View"/>, which find that out.
    /// </remarks>
    /// <param name="offset">First byte, from the start of the tensor.</param>
    /// <param name="length">Number of bytes.</param>
    /// <param name="span">The bytes, valid as long as what holds them; empty where the result is false.</param>
    /// <returns>False where the bytes have to be read with <see cref="Read"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the tensor.</exception>
    public virtual bool TryGetSpan(long offset, int length, out ReadOnlySpan<byte> span)
    {
        span = default;
        return false;
    }

    /// <summary>True if both tensors are the same view of the same storage, as tied weights are.</summary>
    public virtual bool IsSameStorage(Tensor other) => ReferenceEquals(this, other);

    /// <summary>Throws where a byte range is outside the tensor.</summary>
    /// <param name="offset">First byte, from the start of the tensor.</param>
    /// <param name="length">Number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the tensor.</exception>
    protected void CheckRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, ByteLength - length);
    }

    private static ImmutableArray<FileMap> FilesOf(ReadOnlySpan<Tensor> sources)
    {
        if (sources.Length == 1)
            return sources[0].Files;
        ImmutableArray<FileMap> files = [];
        foreach (var source in sources)
            files = files.Length == 0 ? source.Files : [.. files.Union(source.Files)];
        return files;
    }
}
