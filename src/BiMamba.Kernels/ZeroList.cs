namespace BiMamba.Kernels;

/// <summary>
/// Corrects the products of a sign plane for weights that are zero, given as a sorted list.
/// </summary>
/// <remarks>
/// The plane bit of a zero is +1, so the plane contributed +xs[j], where xs = a * x is what the plane was multiplied
/// with. The weight at a zero is z[j] in units of a[j] (0 unless given), so its contribution is z[j] * xs[j], and
/// y[t, row] += (z[j] - 1) * xs[t, j], one fused multiply-add for each zero, in ascending order of columns.
/// Zeros are few (at most one weight in 32 is kept as a list), so there is a scalar form only.
/// </remarks>
public static class ZeroList
{
    /// <summary>Corrects y for the zeros of a range of rows.</summary>
    /// <param name="zeros">row * columns + column of all zeros of the plane, strictly ascending.</param>
    /// <param name="firstRow">The plane row of the first column of <paramref name="y"/>.</param>
    /// <param name="x">The activations xs the plane was multiplied with, [tokens, columns].</param>
    /// <param name="levels">z [columns] or empty for 0.</param>
    /// <param name="y">The products [tokens, rows of the range], corrected in place.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Apply(
        ReadOnlySpan<uint> zeros, int firstRow, Rows x, ReadOnlySpan<float> levels, MutableRows y)
    {
        Guard.Equal(y.Count, x.Count);
        Guard.EmptyOr(levels.Length, x.Width);
        Guard.AtLeast(firstRow, 0);
        var columns = (ulong)x.Width;
        var begin = (ulong)firstRow * columns;
        var end = begin + ((ulong)y.Width * columns);
        for (var i = LowerBound(zeros, begin); i < zeros.Length && zeros[i] < end; i++)
        {
            var row = (int)((zeros[i] - begin) / columns);
            var column = (int)(zeros[i] % columns);
            var change = levels.IsEmpty ? -1f : levels[column] - 1f;
            for (var t = 0; t < x.Count; t++)
            {
                ref var sum = ref y.Values[(t * y.Stride) + row];
                sum = MathF.FusedMultiplyAdd(change, x.Values[(t * x.Stride) + column], sum);
            }
        }
    }

    /// <summary>The index of the first zero that is not below a place.</summary>
    internal static int LowerBound(ReadOnlySpan<uint> zeros, ulong least)
    {
        int low = 0, high = zeros.Length;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (zeros[middle] < least)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
