using System.Runtime.Intrinsics;
using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Billm;

/// <summary>
/// The search for the border between the low and the high region of a block (BiLLM, section 3.3): of 81 quantiles of |T|
/// the one at which the binarization of both regions has the least error.
/// </summary>
internal static class BorderSearch
{
    private const int Candidates = 81;

    /// <summary>The border, and as fp32 what weights are compared with: |T| at or above it is the high region.</summary>
    /// <param name="tile">The metric.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="salient">Marks of the salient columns of the block, which count as zeros in the quantiles.</param>
    /// <param name="options">Threads.</param>
    public static double Find(MetricTile tile, int rows, bool[] salient, ParallelOptions options)
    {
        var columns = Enumerable.Range(0, salient.Length).Where(j => !salient[j]).ToArray();
        var candidates = Quantiles.Linear(Magnitudes(tile, rows, salient, options), Fractions());
        var borders = Array.ConvertAll(candidates, value => (double)(float)value);
        var partial = new double[RowChunks.Count(rows) * Candidates];
        RowChunks.ForEach(rows, options, (chunk, from, to) =>
        {
            var errors = partial.AsSpan(chunk * Candidates, Candidates);
            var values = new Vector256<double>[columns.Length];
            for (var group = from / MetricTile.Lanes; group * MetricTile.Lanes < to; group++)
            {
                tile.Gather(group, columns, values);
                for (var candidate = 0; candidate < Candidates; candidate++)
                    errors[candidate] -= Vector256.Sum(Explained(values, borders[candidate]));
            }
        });
        var sums = RowChunks.Sum(partial, Candidates);
        var best = 0;
        for (var candidate = 1; candidate < Candidates; candidate++)
            best = sums[candidate] < sums[best] ? candidate : best;
        return candidates[best];
    }

    /// <summary>0.10 to 0.90 in steps of 0.01, counted from the nearer end in fp32.</summary>
    private static float[] Fractions()
    {
        const float start = 0.10f, end = 0.90f;
        var step = (end - start) / (Candidates - 1);
        var fractions = new float[Candidates];
        for (var i = 0; i < Candidates; i++)
            fractions[i] = i < Candidates / 2 ? start + (step * i) : end - (step * (Candidates - 1 - i));
        return fractions;
    }

    private static float[] Magnitudes(MetricTile tile, int rows, bool[] salient, ParallelOptions options)
    {
        var columns = salient.Length;
        var magnitudes = new float[rows * columns];
        RowChunks.ForEach(rows, options, (_, from, to) =>
        {
            for (var row = from; row < to; row++)
            {
                for (var j = 0; j < columns; j++)
                    magnitudes[(row * columns) + j] = salient[j] ? 0 : (float)Math.Abs(tile.At(row, j));
            }
        });
        return magnitudes;
    }

    /// <summary>
    /// What the binarization of both regions takes off the sum of squares of four rows: n m^2 + A^2 / n (1 + z / n) in each,
    /// with n values of mean m, A = sum |x - m|, and z values equal to m. The error of the salient columns is the same for
    /// all borders and is left out.
    /// </summary>
    private static Vector256<double> Explained(ReadOnlySpan<Vector256<double>> values, double border)
    {
        var limit = Vector256.Create(border);
        var (low, high) = (default(Region), default(Region));
        foreach (var value in values)
        {
            var isLow = Vector256.LessThan(Vector256.Abs(value), limit);
            low.Sum += Vector256.BitwiseAnd(value, isLow);
            high.Sum += Vector256.AndNot(value, isLow);
            low.Count -= isLow.AsInt64();
        }

        high.Count = Vector256.Create((long)values.Length) - low.Count;
        var (lowMean, highMean) = (low.Mean(), high.Mean());
        foreach (var value in values)
        {
            var isLow = Vector256.LessThan(Vector256.Abs(value), limit);
            var d = value - Vector256.ConditionalSelect(isLow, lowMean, highMean);
            var (magnitude, isZero) = (Vector256.Abs(d), Vector256.Equals(d, Vector256<double>.Zero));
            low.Deviation += Vector256.BitwiseAnd(magnitude, isLow);
            high.Deviation += Vector256.AndNot(magnitude, isLow);
            low.Zeros -= Vector256.BitwiseAnd(isZero, isLow).AsInt64();
            high.Zeros -= Vector256.AndNot(isZero, isLow).AsInt64();
        }

        return low.Explained(lowMean) + high.Explained(highMean);
    }

    /// <summary>Sums of a region in four rows.</summary>
    private struct Region
    {
        public Vector256<double> Sum;
        public Vector256<double> Deviation;
        public Vector256<long> Count;
        public Vector256<long> Zeros;

        /// <summary>The count, or 1 in a row without values, whose sums are 0.</summary>
        private readonly Vector256<double> Divisor => Vector256.ConvertToDouble(Vector256.Max(Count, Vector256<long>.One));

        public readonly Vector256<double> Mean() => Sum / Divisor;

        public readonly Vector256<double> Explained(Vector256<double> mean)
        {
            var scale = Deviation / Divisor;
            return (Sum * mean) + (scale * Deviation) + (scale * scale * Vector256.ConvertToDouble(Zeros));
        }
    }
}
