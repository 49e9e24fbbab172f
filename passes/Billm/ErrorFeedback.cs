using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Billm;

/// <summary>
/// The compensation of a block's error in the columns after it: W[:, later] -= E U[block, later] with
/// E = (W - Q) / U_jj (GPTQ, arXiv 2210.17323, a block at a time).
/// </summary>
/// <remarks>
/// A product of two fp32 numbers is exact in fp64, so a fused and a separate addition give the same bits, and a sum has
/// the order of the block's columns on every machine.
/// </remarks>
internal static class ErrorFeedback
{
    private const int TileRows = 4;
    private const int TileVectors = 2;
    private const int TileColumns = TileVectors * 4;

    /// <summary>Compensates.</summary>
    /// <param name="weight">W [rows, columns], changed from column <paramref name="end"/> on.</param>
    /// <param name="columns">Columns of W.</param>
    /// <param name="error">E [rows, end - first].</param>
    /// <param name="factor">U [columns, columns].</param>
    /// <param name="first">First column of the block.</param>
    /// <param name="end">The column after the block.</param>
    /// <param name="options">Threads.</param>
    public static void Apply(float[] weight, int columns, float[] error, float[] factor, int first, int end, ParallelOptions options)
    {
        if (end == columns)
            return;
        var depth = end - first;
        var rows = weight.Length / columns;
        var panels = Pack(factor, columns, first, end);
        RowChunks.ForEach(rows, options, (_, from, to) =>
        {
            var errors = new double[RowChunks.Rows * depth];
            PackErrors(error, depth, from, to, errors);
            for (var panel = 0; panel * TileColumns < columns - end; panel++)
            {
                var u = panels.AsSpan(panel * depth * TileColumns, depth * TileColumns);
                for (var row = from; row < to; row += TileRows)
                    Subtract(weight, columns, row, Math.Min(to, row + TileRows), end + (panel * TileColumns), u, errors.AsSpan((row - from) * depth, TileRows * depth));
            }
        });
    }

    /// <summary>U[block, later] in fp64 as panels [block columns, 8], zero beyond the last column.</summary>
    private static double[] Pack(float[] factor, int columns, int first, int end)
    {
        var (depth, later) = (end - first, columns - end);
        var panels = new double[(later + TileColumns - 1) / TileColumns * TileColumns * depth];
        for (var k = 0; k < depth; k++)
        {
            var row = factor.AsSpan(((first + k) * columns) + end, later);
            for (var j = 0; j < later; j++)
                panels[(((j / TileColumns * depth) + k) * TileColumns) + (j % TileColumns)] = row[j];
        }

        return panels;
    }

    /// <summary>E in groups of four rows [block columns, 4], zero beyond the last row.</summary>
    private static void PackErrors(float[] error, int depth, int from, int to, double[] errors)
    {
        for (var row = from; row < to; row++)
        {
            var target = errors.AsSpan((row - from) / TileRows * TileRows * depth);
            for (var k = 0; k < depth; k++)
                target[(k * TileRows) + ((row - from) % TileRows)] = error[(row * depth) + k];
        }
    }

    private static void Subtract(float[] weight, int columns, int row, int endRow, int column, ReadOnlySpan<double> u, ReadOnlySpan<double> errors)
    {
        Span<Vector256<double>> sums = stackalloc Vector256<double>[TileRows * TileVectors];
        Multiply(u, errors, sums);
        var count = Math.Min(TileColumns, columns - column);
        for (var i = 0; i < endRow - row; i++)
        {
            var target = weight.AsSpan(((row + i) * columns) + column, count);
            var subtracted = MemoryMarshal.Cast<Vector256<double>, double>(sums).Slice(i * TileColumns, count);
            for (var j = 0; j < count; j++)
                target[j] = (float)(target[j] - subtracted[j]);
        }
    }

    /// <summary>Four rows of errors times a panel, in registers.</summary>
    private static void Multiply(ReadOnlySpan<double> u, ReadOnlySpan<double> errors, Span<Vector256<double>> sums)
    {
        Vector256<double> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        ref var factor = ref MemoryMarshal.GetReference(u);
        var depth = u.Length / TileColumns;
        errors = errors[..(depth * TileRows)];
        for (var k = 0; k < depth; k++)
        {
            var left = Vector256.LoadUnsafe(ref factor, (nuint)(k * TileColumns));
            var right = Vector256.LoadUnsafe(ref factor, (nuint)((k * TileColumns) + Vector256<double>.Count));
            var four = errors.Slice(k * TileRows, TileRows);
            var (a, b, c, d) = (Vector256.Create(four[0]), Vector256.Create(four[1]), Vector256.Create(four[2]), Vector256.Create(four[3]));
            a0 = Vector256.MultiplyAddEstimate(a, left, a0);
            a1 = Vector256.MultiplyAddEstimate(a, right, a1);
            b0 = Vector256.MultiplyAddEstimate(b, left, b0);
            b1 = Vector256.MultiplyAddEstimate(b, right, b1);
            c0 = Vector256.MultiplyAddEstimate(c, left, c0);
            c1 = Vector256.MultiplyAddEstimate(c, right, c1);
            d0 = Vector256.MultiplyAddEstimate(d, left, d0);
            d1 = Vector256.MultiplyAddEstimate(d, right, d1);
        }

        (sums[0], sums[1], sums[2], sums[3]) = (a0, a1, b0, b1);
        (sums[4], sums[5], sums[6], sums[7]) = (c0, c1, d0, d1);
    }
}
