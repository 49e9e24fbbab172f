using System.Collections.Immutable;
using System.Globalization;

namespace BiMamba.Tensors;

/// <summary>The dimensions of a tensor, outermost first; rank 0 is a scalar. The element count fits a <see cref="long"/>.</summary>
public sealed class Shape : IEquatable<Shape>
{
    /// <summary>The largest rank that any reader accepts.</summary>
    public const int MaxRank = 8;

    private Shape(ImmutableArray<long> dims, long count)
    {
        Dims = dims;
        Count = count;
    }

    /// <summary>Dimensions, outermost first.</summary>
    public ImmutableArray<long> Dims { get; }

    /// <summary>Number of dimensions.</summary>
    public int Rank => Dims.Length;

    /// <summary>Number of elements; 1 for a scalar.</summary>
    public long Count { get; }

    /// <summary>The dimension at an index, from 0.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such dimension.</exception>
    public long this[int index] => Dims[index];

    /// <summary>A shape of trusted dimensions.</summary>
    /// <exception cref="ArgumentException">A dimension is negative, the rank is too large or the count overflows.</exception>
    public static Shape Of(params ReadOnlySpan<long> dims) =>
        TryCreate(dims, out var shape)
            ? shape
            : throw new ArgumentException("dimensions must be non-negative with a 64-bit count", nameof(dims));

    /// <summary>A shape of dimensions from a file: false if one is negative, the rank is over <see cref="MaxRank"/> or the count overflows.</summary>
    public static bool TryCreate(ReadOnlySpan<long> dims, out Shape shape)
    {
        shape = null!;
        if (dims.Length > MaxRank)
            return false;
        long count = 1;
        var overflow = false;
        foreach (var dim in dims)
        {
            if (dim < 0)
                return false;
            // A zero dimension makes the count zero, however large the others are.
            overflow |= dim != 0 && count > long.MaxValue / dim;
            count = unchecked(count * dim);
        }

        if (dims.Contains(0))
            count = 0;
        else if (overflow)
            return false;
        shape = new Shape([.. dims], count);
        return true;
    }

    /// <summary>Row-major strides in elements, one a dimension; the last one is 1.</summary>
    public ImmutableArray<long> Strides()
    {
        var strides = new long[Rank];
        long stride = 1;
        for (var i = Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride = unchecked(stride * Math.Max(1, Dims[i]));
        }

        return [.. strides];
    }

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && Dims.AsSpan().SequenceEqual(other.Dims.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var dim in Dims)
            hash.Add(dim);
        return hash.ToHashCode();
    }

    /// <summary>The text form: <c>[6448,1536]</c>, <c>[]</c> for a scalar.</summary>
    public override string ToString() =>
        "[" + string.Join(',', Dims.Select(dim => dim.ToString(CultureInfo.InvariantCulture))) + "]";
}
