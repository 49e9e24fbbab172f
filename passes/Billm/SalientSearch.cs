using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Billm;

/// <summary>
/// The search for the salient columns of a block (BiLLM, section 3.2): columns in the order of sum |T|, and of their
/// prefixes the one whose binarization of second order, with one of the columns that remain, has the least error.
/// </summary>
internal static class SalientSearch
{
    /// <summary>Columns of the block with the largest sums first, the lower index first among equals.</summary>
    public static int[] Rank(double[] sums)
    {
        var order = new int[sums.Length];
        for (var j = 0; j < order.Length; j++)
            order[j] = j;
        Array.Sort(order, (a, b) => sums[a] != sums[b] ? sums[b].CompareTo(sums[a]) : a.CompareTo(b));
        return order;
    }

    /// <summary>
    /// The number of salient columns: 1 to limit - 1, the first with the least error; 0 where the limit leaves none.
    /// </summary>
    /// <param name="tile">The metric.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="order">Columns in the order of <see cref="Rank"/>.</param>
    /// <param name="limit">One more than the largest number tried, at most the columns of the block.</param>
    /// <param name="options">Threads.</param>
    public static int Count(MetricTile tile, int rows, int[] order, int limit, ParallelOptions options)
    {
        if (limit < 2)
            return 0;
        var partial = new double[RowChunks.Count(rows) * limit];
        RowChunks.ForEach(rows, options, (chunk, from, to) =>
        {
            var errors = partial.AsSpan(chunk * limit, limit);
            var values = new Vector256<double>[order.Length];
            var rest = new Moments[order.Length + 1];
            for (var group = from / MetricTile.Lanes; group * MetricTile.Lanes < to; group++)
            {
                tile.Gather(group, order, values);
                AddErrors(values, rest, errors);
            }
        });
        var sums = RowChunks.Sum(partial, limit);
        var best = 1;
        for (var count = 2; count < limit; count++)
            best = sums[count] < sums[best] ? count : best;
        return best;
    }

    /// <summary>Adds the errors of all prefixes of four rows.</summary>
    private static void AddErrors(ReadOnlySpan<Vector256<double>> values, Span<Moments> rest, Span<double> errors)
    {
        rest[values.Length] = default;
        for (var j = values.Length - 1; j >= 0; j--)
            rest[j] = rest[j + 1].With(values[j]);
        var top = default(Moments);
        for (var count = 1; count < errors.Length; count++)
        {
            top = top.With(values[count - 1]);
            var error = SecondOrderError(values[..count], top) + SecondOrderError(values[count..], rest[count]);
            errors[count] += Vector256.Sum(error);
        }
    }

    /// <summary>
    /// The squared error of a binarization of second order. With A the mean deviation from the mean m,
    /// sum (x - m - A sign(x - m))^2 = sum (x - m)^2 - n A^2 - z A^2 for z values equal to m; the same again for the rest.
    /// </summary>
    private static Vector256<double> SecondOrderError(ReadOnlySpan<Vector256<double>> values, Moments moments)
    {
        var n = Vector256.Create((double)values.Length);
        var mean = moments.Sum / n;
        var deviation = Vector256<double>.Zero;
        var (positive, negative) = (Vector256<long>.Zero, Vector256<long>.Zero);
        foreach (var value in values)
        {
            var d = value - mean;
            deviation += Vector256.Abs(d);
            positive -= Vector256.GreaterThan(d, Vector256<double>.Zero).AsInt64();
            negative -= Vector256.LessThan(d, Vector256<double>.Zero).AsInt64();
        }

        var scale = deviation / n;
        var signs = Vector256.ConvertToDouble(positive + negative);
        var secondMean = -scale * Vector256.ConvertToDouble(positive - negative) / n;
        var squares = moments.Squares - (n * mean * mean) - (scale * deviation * 2) + (scale * scale * signs);
        var (secondDeviation, zeros) = SecondDeviation(values, mean, scale, secondMean);
        var secondScale = secondDeviation / n;
        return squares - (n * secondMean * secondMean) - (secondScale * secondDeviation) - (secondScale * secondScale * zeros);
    }

    private static (Vector256<double> Deviation, Vector256<double> Zeros) SecondDeviation(
        ReadOnlySpan<Vector256<double>> values, Vector256<double> mean, Vector256<double> scale, Vector256<double> secondMean)
    {
        var deviation = Vector256<double>.Zero;
        var zeros = Vector256<long>.Zero;
        foreach (var value in values)
        {
            var d = value - mean;
            // sign(d) * scale: the scale with the sign bit of d, and 0 where d is 0.
            var step = Vector256.AndNot(Vector256.CopySign(scale, d), Vector256.Equals(d, Vector256<double>.Zero));
            var rest = d - step - secondMean;
            deviation += Vector256.Abs(rest);
            zeros -= Vector256.Equals(rest, Vector256<double>.Zero).AsInt64();
        }

        return (deviation, Vector256.ConvertToDouble(zeros));
    }

    /// <summary>Sums of values and of their squares.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Moments(Vector256<double> Sum, Vector256<double> Squares)
    {
        public Moments With(Vector256<double> value) => new(Sum + value, Squares + (value * value));
    }
}
