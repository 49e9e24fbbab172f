using System.Collections.Immutable;

namespace BiMamba.Tensors;

/// <summary>A strided view of a storage, gathered into row-major order as it is read.</summary>
public sealed class StridedTensor : Tensor
{
    private readonly Tensor storage;
    private readonly long first;
    private readonly ImmutableArray<long> strides;

    /// <summary>A view of a one-dimensional storage; the caller has checked that every element lies inside.</summary>
    /// <param name="storage">The elements, rank 1, of the view's type.</param>
    /// <param name="first">Index of the view's first element in the storage.</param>
    /// <param name="shape">Shape of the view.</param>
    /// <param name="strides">Step of each dimension in elements, non-negative; 0 repeats.</param>
    public StridedTensor(Tensor storage, long first, Shape shape, ImmutableArray<long> strides)
        : base(storage.Type, shape, storage)
    {
        this.storage = storage;
        this.first = first;
        this.strides = strides;
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        var size = Type.Size();
        while (destination.Length > 0)
        {
            var (index, skip) = Math.DivRem(offset, size);
            var bytes = (int)Math.Min((RunLength(index) * size) - skip, destination.Length);
            storage.Read((SourceIndex(index) * size) + skip, destination[..bytes]);
            destination = destination[bytes..];
            offset += bytes;
        }
    }

    /// <inheritdoc/>
    public override bool IsSameStorage(Tensor other) =>
        other is StridedTensor view && view.storage.IsSameStorage(storage) && view.first == first
        && view.Shape.Equals(Shape) && view.strides.SequenceEqual(strides);

    /// <summary>Elements from an index on that lie side by side in the storage: the rest of a row whose step is 1, else one.</summary>
    private long RunLength(long index) =>
        Shape.Rank > 0 && strides[^1] == 1 ? Shape[Shape.Rank - 1] - (index % Shape[Shape.Rank - 1]) : 1;

    private long SourceIndex(long index)
    {
        var source = first;
        for (var d = Shape.Rank - 1; d >= 0; d--)
        {
            (index, var coordinate) = Math.DivRem(index, Shape[d]);
            source += coordinate * strides[d];
        }

        return source;
    }
}
