namespace BiMamba.Kernels;

/// <summary>
/// Scales and zeros of groups of columns of codes: weight = scale * (float)(code - zero), one f32 product.
/// </summary>
/// <remarks>
/// Scales are [rows of scales, groups], row-major, with one row for all rows of codes or one for each; zeros have the same
/// layout, in units of codes. Groups are <see cref="Group"/> columns each, the last may be short.
/// </remarks>
public readonly ref struct CodeScales
{
    /// <summary>Views scales and zeros of a matrix of codes.</summary>
    /// <param name="scale">[<paramref name="scaleRows"/>, groups].</param>
    /// <param name="zero">As <paramref name="scale"/>, or empty: then the zero of b-bit codes is 2^(b - 1).</param>
    /// <param name="group">The columns of a group, or 0 for whole rows.</param>
    /// <param name="scaleRows">The rows of the codes, or 1.</param>
    /// <param name="columns">The columns of the codes.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a number is negative.</exception>
    public CodeScales(ReadOnlySpan<float> scale, ReadOnlySpan<byte> zero, int group, int scaleRows, int columns)
    {
        Guard.AtLeast(group, 0);
        Guard.AtLeast(scaleRows, 0);
        Guard.AtLeast(columns, 0);
        Groups = group == 0 ? 1 : QuantizedRows.Groups(columns, group);
        Guard.Equal(scale.Length, (long)scaleRows * Groups);
        Guard.EmptyOr(zero.Length, scale.Length);
        Scale = scale;
        Zero = zero;
        Group = group;
        Rows = scaleRows;
        Columns = columns;
    }

    /// <summary>[rows of scales, groups].</summary>
    public ReadOnlySpan<float> Scale { get; }

    /// <summary>[rows of scales, groups], or empty for 2^(bits - 1).</summary>
    public ReadOnlySpan<byte> Zero { get; }

    /// <summary>The columns of a group, or 0 for whole rows.</summary>
    public int Group { get; }

    /// <summary>The rows of scales.</summary>
    public int Rows { get; }

    /// <summary>The groups of a row.</summary>
    public int Groups { get; }

    /// <summary>The columns of the codes.</summary>
    public int Columns { get; }

    /// <summary>The columns of a group, of which whole rows are one too.</summary>
    internal int GroupColumns => Group == 0 ? Math.Max(1, Columns) : Group;

    /// <summary>Where the scale and the zero of a group of a row are.</summary>
    internal int Index(int row, int group) => Rows == 1 ? group : (row * Groups) + group;

    /// <summary>The zero at an index.</summary>
    internal int ZeroAt(int index, int bits) => Zero.IsEmpty ? 1 << (bits - 1) : Zero[index];

    /// <summary>Throws where these are not scales of a matrix of codes.</summary>
    internal void Check(int rows, int columns)
    {
        Guard.Equal(Columns, columns);
        if (Rows != 1)
            Guard.Equal(Rows, rows);
    }
}
