namespace BiMamba.Tensors;

/// <summary>The same elements in another shape.</summary>
public sealed class ReshapedTensor : Tensor
{
    private readonly Tensor source;

    /// <summary>A view of a tensor with the same number of elements.</summary>
    public ReshapedTensor(Tensor source, Shape shape)
        : base(source.Type, shape, source)
    {
        if (shape.Count != source.Shape.Count)
            throw new ArgumentException($"expected {source.Shape.Count} elements, found {shape}", nameof(shape));
        this.source = source;
    }

    /// <inheritdoc/>
    public override long StoredLength => source.StoredLength;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination) => source.Read(offset, destination);

    /// <inheritdoc/>
    public override bool TryGetSpan(long offset, int length, out ReadOnlySpan<byte> span) => source.TryGetSpan(offset, length, out span);

    /// <inheritdoc/>
    public override bool IsSameStorage(Tensor other) =>
        other is ReshapedTensor view && view.Shape.Equals(Shape) && view.source.IsSameStorage(source);
}
