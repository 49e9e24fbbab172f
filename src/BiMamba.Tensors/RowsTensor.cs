namespace BiMamba.Tensors;

/// <summary>Consecutive rows of a tensor; a row is everything behind the first dimension.</summary>
public sealed class RowsTensor : Tensor
{
    private readonly Tensor whole;
    private readonly long first;

    /// <summary>A view of rows; no byte is copied.</summary>
    /// <param name="whole">The tensor, at least of rank 1.</param>
    /// <param name="firstRow">The first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has no such rows.</exception>
    public RowsTensor(Tensor whole, long firstRow, long rows)
        : base(whole.Type, Shape.Of([rows, .. whole.Shape.Dims.AsSpan()[1..]]), whole)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstRow + rows, whole.Shape[0]);
        this.whole = whole;
        first = whole.Shape[0] == 0 ? 0 : whole.ByteLength / whole.Shape[0] * firstRow;
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        whole.Read(first + offset, destination);
    }

    /// <inheritdoc/>
    public override bool TryGetSpan(long offset, int length, out ReadOnlySpan<byte> span)
    {
        CheckRange(offset, length);
        return whole.TryGetSpan(first + offset, length, out span);
    }

    /// <inheritdoc/>
    public override bool IsSameStorage(Tensor other) =>
        other is RowsTensor view && view.first == first && view.Shape.Equals(Shape) && view.whole.IsSameStorage(whole);
}
