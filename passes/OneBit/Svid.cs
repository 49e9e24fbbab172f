using System.Runtime.Intrinsics;
using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.OneBit;

/// <summary>
/// Sign-value-independent decomposition (OneBit, arXiv 2402.11295, section 3.2): W ~ sign(W) * (a b^T) with a b^T the
/// best approximation of |W| of rank 1, from its leading singular pair.
/// </summary>
/// <remarks>
/// <para>a = sqrt(s) u and b = sqrt(s) v. Both are nonnegative, as the leading pair of a nonnegative matrix is.</para>
/// <para>The sign of 0 is kept as 0, so that a zero weight stays zero.</para>
/// <para>
/// The pair comes from a power iteration in fp64 that starts at equal values and stops when v moves by less than 1e-10 in
/// the Euclidean norm, or after 500 steps; sums have a fixed order.
/// </para>
/// </remarks>
public static class Svid
{
    private const int MaximalSteps = 500;
    private const double Tolerance = 1e-10;

    /// <summary>Decomposes a weight.</summary>
    /// <param name="weight">W [rows, columns], finite.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="options">Threads and cancellation.</param>
    /// <returns>Signs, a as row scales and b as column scales; both zero for a zero weight.</returns>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public static SignWeight Decompose(float[] weight, int rows, int columns, ParallelOptions options)
    {
        var v = new double[columns];
        Array.Fill(v, 1 / Math.Sqrt(Math.Max(1, columns)));
        var u = new double[rows];
        double singular = 0;
        for (var step = 0; step < MaximalSteps; step++)
        {
            MultiplyRows(weight, v, u, options);
            Normalize(u);
            var next = MultiplyColumns(weight, u, columns, options);
            singular = Normalize(next);
            var moved = Distance(v, next);
            v = next;
            if (moved < Tolerance)
                break;
        }

        var root = Math.Sqrt(singular);
        var sign = Array.ConvertAll(weight, value => (sbyte)Math.Sign(value));
        return new SignWeight(rows, columns, sign, Scaled(u, root), Scaled(v, root), null, null);
    }

    /// <summary>u = |W| v: four interleaved sums a row.</summary>
    private static void MultiplyRows(float[] weight, double[] v, double[] u, ParallelOptions options) =>
        RowChunks.ForEach(u.Length, options, (_, from, to) =>
        {
            for (var row = from; row < to; row++)
            {
                var values = weight.AsSpan(row * v.Length, v.Length);
                var sums = Vector256<double>.Zero;
                var j = 0;
                for (; j <= v.Length - Vector256<double>.Count; j += Vector256<double>.Count)
                    sums += Magnitudes(values[j..]) * Vector256.Create<double>(v.AsSpan(j));
                var sum = Vector256.Sum(sums);
                for (; j < v.Length; j++)
                    sum += Math.Abs((double)values[j]) * v[j];
                u[row] = sum;
            }
        });

    /// <summary>|W|^T u: over the rows of a chunk, then over the chunks.</summary>
    private static double[] MultiplyColumns(float[] weight, double[] u, int columns, ParallelOptions options)
    {
        var partial = new double[RowChunks.Count(u.Length) * columns];
        RowChunks.ForEach(u.Length, options, (chunk, from, to) =>
        {
            var sums = partial.AsSpan(chunk * columns, columns);
            for (var row = from; row < to; row++)
            {
                var values = weight.AsSpan(row * columns, columns);
                var j = 0;
                for (; j <= columns - Vector256<double>.Count; j += Vector256<double>.Count)
                    (Vector256.Create<double>(sums[j..]) + (Magnitudes(values[j..]) * u[row])).CopyTo(sums[j..]);
                for (; j < columns; j++)
                    sums[j] += Math.Abs((double)values[j]) * u[row];
            }
        });
        return RowChunks.Sum(partial, columns);
    }

    private static Vector256<double> Magnitudes(ReadOnlySpan<float> values) =>
        Vector256.Abs(Vector256.WidenLower(Vector128.Create<float>(values).ToVector256Unsafe()));

    /// <summary>Divides by the norm, which it gives; a zero vector stays.</summary>
    private static double Normalize(double[] vector)
    {
        double squares = 0;
        foreach (var value in vector)
            squares += value * value;
        var norm = Math.Sqrt(squares);
        for (var i = 0; norm > 0 && i < vector.Length; i++)
            vector[i] /= norm;
        return norm;
    }

    private static double Distance(double[] a, double[] b)
    {
        double squares = 0;
        for (var i = 0; i < a.Length; i++)
            squares += (a[i] - b[i]) * (a[i] - b[i]);
        return Math.Sqrt(squares);
    }

    private static float[] Scaled(double[] vector, double factor) => Array.ConvertAll(vector, value => (float)(value * factor));
}
