namespace BiMamba.Kernels;

/// <summary>
/// A read-only row-major matrix of f32 in a span: <see cref="Count"/> rows of <see cref="Width"/> elements, row i
/// beginning at element i * <see cref="Stride"/>.
/// </summary>
public readonly ref struct Rows
{
    /// <summary>Views <paramref name="values"/> as contiguous rows.</summary>
    public Rows(ReadOnlySpan<float> values, int count, int width)
        : this(values, count, width, width)
    {
    }

    /// <summary>Views <paramref name="values"/> as rows at a stride.</summary>
    /// <exception cref="ArgumentException">The rows do not lie inside the span, or overlap.</exception>
    public Rows(ReadOnlySpan<float> values, int count, int width, int stride)
    {
        Guard.Layout(values.Length, count, width, stride);
        Values = values;
        Count = count;
        Width = width;
        Stride = stride;
    }

    /// <summary>The elements, from the first of row 0.</summary>
    public ReadOnlySpan<float> Values { get; }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>The number of elements of a row.</summary>
    public int Width { get; }

    /// <summary>The distance in elements between the first elements of neighbouring rows.</summary>
    public int Stride { get; }

    /// <summary>One row.</summary>
    public ReadOnlySpan<float> this[int row] => Values.Slice(row * Stride, Width);

    /// <summary>Consecutive rows.</summary>
    public Rows Slice(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)first + count, Count);
        return new Rows(count == 0 ? default : Values[(first * Stride)..], count, Width, Stride);
    }
}

/// <summary>A row-major matrix of f32 in a span that can be written; otherwise as <see cref="Rows"/>.</summary>
public readonly ref struct MutableRows
{
    /// <summary>Views <paramref name="values"/> as contiguous rows.</summary>
    public MutableRows(Span<float> values, int count, int width)
        : this(values, count, width, width)
    {
    }

    /// <summary>Views <paramref name="values"/> as rows at a stride.</summary>
    /// <exception cref="ArgumentException">The rows do not lie inside the span, or overlap.</exception>
    public MutableRows(Span<float> values, int count, int width, int stride)
    {
        Guard.Layout(values.Length, count, width, stride);
        Values = values;
        Count = count;
        Width = width;
        Stride = stride;
    }

    /// <inheritdoc cref="Rows.Values"/>
    public Span<float> Values { get; }

    /// <inheritdoc cref="Rows.Count"/>
    public int Count { get; }

    /// <inheritdoc cref="Rows.Width"/>
    public int Width { get; }

    /// <inheritdoc cref="Rows.Stride"/>
    public int Stride { get; }

    /// <summary>One row.</summary>
    public Span<float> this[int row] => Values.Slice(row * Stride, Width);

    /// <summary>Consecutive rows.</summary>
    public MutableRows Slice(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)first + count, Count);
        return new MutableRows(count == 0 ? default : Values[(first * Stride)..], count, Width, Stride);
    }

    /// <summary>The same elements, read-only.</summary>
    public Rows AsRows() => new(Values, Count, Width, Stride);

    /// <summary>The same elements, read-only.</summary>
    public static implicit operator Rows(MutableRows rows) => rows.AsRows();
}
