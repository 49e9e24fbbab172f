namespace BiMamba.Tensors;

/// <summary>A tensor whose bytes lie in a mapped file.</summary>
public sealed class MappedTensor : Tensor
{
    /// <summary>A tensor at a byte offset of a map, at any alignment.</summary>
    /// <param name="map">The file, which must outlive the tensor.</param>
    /// <param name="offset">Byte offset of the first element in the file.</param>
    /// <param name="type">The element type.</param>
    /// <param name="shape">The shape, outermost dimension first.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tensor does not lie inside the file.</exception>
    public MappedTensor(FileMap map, long offset, ElementType type, Shape shape)
        : base(type, shape, [map])
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, map.Length - ByteLength);
        Map = map;
        Offset = offset;
    }

    /// <summary>The file.</summary>
    public FileMap Map { get; }

    /// <summary>Byte offset of the first element in the file.</summary>
    public long Offset { get; }

    /// <inheritdoc/>
    /// <remarks>The file is asked for them, not the map: see <see cref="FileMap.Read"/>.</remarks>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        Map.Read(Offset + offset, destination);
    }

    /// <inheritdoc/>
    public override bool TryGetSpan(long offset, int length, out ReadOnlySpan<byte> span)
    {
        CheckRange(offset, length);
        span = Map.Span(Offset + offset, length);
        return true;
    }

    /// <inheritdoc/>
    public override bool IsSameStorage(Tensor other) =>
        other is MappedTensor mapped && ReferenceEquals(mapped.Map, Map) && mapped.Offset == Offset
        && mapped.Type == Type && mapped.Shape.Equals(Shape);
}
