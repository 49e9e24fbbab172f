using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>The product of rows with rows in f64: y[i, j] = sum over k of a[i, k] * b[j, k]. For factorizations.</summary>
/// <remarks>
/// Each element has one order: chunks of 256 columns are added in turn; within a chunk lane l of four takes the elements
/// k = l modulo 4 by fused multiply-adds, a short last vector is padded with zeros, and the lanes are added as
/// (0 + 2) + (1 + 3). Blocks of 4 by 3 rows hold 12 sums in registers; they do not change the order.
/// </remarks>
public static class DoubleProduct
{
    private const int LaneCount = 4;
    private const int ChunkColumns = 256;

    /// <summary>Writes y[i, j] for all rows of <paramref name="a"/> and of <paramref name="b"/>.</summary>
    /// <param name="a">Rows [aRows, columns] at <paramref name="aStride"/>.</param>
    /// <param name="b">Rows [bRows, columns] at <paramref name="bStride"/>; may overlap <paramref name="a"/>.</param>
    /// <param name="y">Results [aRows, bRows] at <paramref name="yStride"/>; must not overlap the inputs.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Multiply(
        ReadOnlySpan<double> a, int aRows, int aStride, ReadOnlySpan<double> b, int bRows, int bStride, int columns,
        Span<double> y, int yStride)
    {
        CheckLayout(a.Length, aRows, aStride, b.Length, bRows, bStride, columns, y.Length, yStride);
        ref var yStart = ref MemoryMarshal.GetReference(y);
        for (var i = 0; i < aRows; i++)
            y.Slice(i * yStride, bRows).Clear();
        for (var k = 0; k < columns; k += ChunkColumns)
        {
            ref var aStart = ref Unsafe.Add(ref MemoryMarshal.GetReference(a), k);
            ref var bStart = ref Unsafe.Add(ref MemoryMarshal.GetReference(b), k);
            AddChunk(ref aStart, aRows, aStride, ref bStart, bRows, bStride, Math.Min(ChunkColumns, columns - k), ref yStart, yStride);
        }
    }

    /// <summary>The scalar form of <see cref="Multiply"/>, equal to it in every bit.</summary>
    public static void MultiplyScalar(
        ReadOnlySpan<double> a, int aRows, int aStride, ReadOnlySpan<double> b, int bRows, int bStride, int columns,
        Span<double> y, int yStride)
    {
        CheckLayout(a.Length, aRows, aStride, b.Length, bRows, bStride, columns, y.Length, yStride);
        for (var i = 0; i < aRows; i++)
        {
            for (var j = 0; j < bRows; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < columns; k += ChunkColumns)
                {
                    var count = Math.Min(ChunkColumns, columns - k);
                    sum += DotScalar(a.Slice((i * aStride) + k, count), b.Slice((j * bStride) + k, count));
                }

                y[(i * yStride) + j] = sum;
            }
        }
    }

    private static void CheckLayout(
        int aLength, int aRows, int aStride, int bLength, int bRows, int bStride, int columns, int yLength, int yStride)
    {
        Guard.Layout(aLength, aRows, columns, aStride);
        Guard.Layout(bLength, bRows, columns, bStride);
        Guard.Layout(yLength, aRows, bRows, yStride);
    }

    private static double DotScalar(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Span<double> lanes = stackalloc double[LaneCount];
        lanes.Clear();
        var padded = (a.Length + LaneCount - 1) / LaneCount * LaneCount;
        for (var k = 0; k < padded; k++)
        {
            ref var lane = ref lanes[k % LaneCount];
            lane = k < a.Length ? Math.FusedMultiplyAdd(a[k], b[k], lane) : Math.FusedMultiplyAdd(0.0, 0.0, lane);
        }

        return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddChunk(
        ref double a, nint aRows, nint aStride, ref double b, nint bRows, nint bStride, nint columns, ref double y, nint yStride)
    {
        nint j = 0;
        for (; j <= bRows - 3; j += 3)
        {
            nint i = 0;
            for (; i <= aRows - 4; i += 4)
            {
                Block4x3(
                    ref Unsafe.Add(ref a, i * aStride), aStride, ref Unsafe.Add(ref b, j * bStride), bStride, columns,
                    ref Unsafe.Add(ref y, (i * yStride) + j), yStride);
            }

            for (; i < aRows; i++)
                AddRow(ref Unsafe.Add(ref a, i * aStride), ref Unsafe.Add(ref b, j * bStride), 3, bStride, columns, ref Unsafe.Add(ref y, (i * yStride) + j));
        }

        for (nint i = 0; i < aRows; i++)
            AddRow(ref Unsafe.Add(ref a, i * aStride), ref Unsafe.Add(ref b, j * bStride), bRows - j, bStride, columns, ref Unsafe.Add(ref y, (i * yStride) + j));
    }

    /// <summary>4 rows of a by 3 of b. Sums sIJ: row I of a, row J of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block4x3(ref double a, nint aStride, ref double b, nint bStride, nint columns, ref double y, nint yStride)
    {
        ref var a1 = ref Unsafe.Add(ref a, aStride);
        ref var a2 = ref Unsafe.Add(ref a1, aStride);
        ref var a3 = ref Unsafe.Add(ref a2, aStride);
        ref var b1 = ref Unsafe.Add(ref b, bStride);
        ref var b2 = ref Unsafe.Add(ref b1, bStride);
        Vector256<double> s00 = Vector256<double>.Zero, s01 = s00, s02 = s00, s10 = s00, s11 = s00, s12 = s00;
        Vector256<double> s20 = s00, s21 = s00, s22 = s00, s30 = s00, s31 = s00, s32 = s00;
        nint k = 0;
        for (; k <= columns - LaneCount; k += LaneCount)
        {
            var v0 = Load(ref b, k);
            var v1 = Load(ref b1, k);
            var v2 = Load(ref b2, k);
            var u = Load(ref a, k);
            s00 = Vector256.FusedMultiplyAdd(u, v0, s00);
            s01 = Vector256.FusedMultiplyAdd(u, v1, s01);
            s02 = Vector256.FusedMultiplyAdd(u, v2, s02);
            u = Load(ref a1, k);
            s10 = Vector256.FusedMultiplyAdd(u, v0, s10);
            s11 = Vector256.FusedMultiplyAdd(u, v1, s11);
            s12 = Vector256.FusedMultiplyAdd(u, v2, s12);
            u = Load(ref a2, k);
            s20 = Vector256.FusedMultiplyAdd(u, v0, s20);
            s21 = Vector256.FusedMultiplyAdd(u, v1, s21);
            s22 = Vector256.FusedMultiplyAdd(u, v2, s22);
            u = Load(ref a3, k);
            s30 = Vector256.FusedMultiplyAdd(u, v0, s30);
            s31 = Vector256.FusedMultiplyAdd(u, v1, s31);
            s32 = Vector256.FusedMultiplyAdd(u, v2, s32);
        }

        Finish(s00, s01, s02, ref a, ref b, bStride, k, columns, ref y);
        Finish(s10, s11, s12, ref a1, ref b, bStride, k, columns, ref Unsafe.Add(ref y, yStride));
        Finish(s20, s21, s22, ref a2, ref b, bStride, k, columns, ref Unsafe.Add(ref y, 2 * yStride));
        Finish(s30, s31, s32, ref a3, ref b, bStride, k, columns, ref Unsafe.Add(ref y, 3 * yStride));
    }

    private static void Finish(
        Vector256<double> s0, Vector256<double> s1, Vector256<double> s2, ref double a, ref double b, nint bStride, nint k, nint columns, ref double y)
    {
        y += Sum(s0, ref a, ref b, k, columns);
        Unsafe.Add(ref y, 1) += Sum(s1, ref a, ref Unsafe.Add(ref b, bStride), k, columns);
        Unsafe.Add(ref y, 2) += Sum(s2, ref a, ref Unsafe.Add(ref b, 2 * bStride), k, columns);
    }

    /// <summary>1 row of a by some of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow(ref double a, ref double b, nint bRows, nint bStride, nint columns, ref double y)
    {
        for (nint j = 0; j < bRows; j++)
        {
            ref var row = ref Unsafe.Add(ref b, j * bStride);
            var sum = Vector256<double>.Zero;
            nint k = 0;
            for (; k <= columns - LaneCount; k += LaneCount)
                sum = Vector256.FusedMultiplyAdd(Load(ref a, k), Load(ref row, k), sum);
            Unsafe.Add(ref y, j) += Sum(sum, ref a, ref row, k, columns);
        }
    }

    /// <summary>The sum of the lanes, after the elements from <paramref name="k"/> on.</summary>
    private static double Sum(Vector256<double> lanes, ref double a, ref double b, nint k, nint columns)
    {
        if (k < columns)
            lanes = Vector256.FusedMultiplyAdd(LoadPartial(ref Unsafe.Add(ref a, k), columns - k), LoadPartial(ref Unsafe.Add(ref b, k), columns - k), lanes);
        var two = lanes.GetLower() + lanes.GetUpper();
        return two.GetElement(0) + two.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Load(ref double start, nint offset) => Vector256.LoadUnsafe(ref start, (nuint)offset);

    private static Vector256<double> LoadPartial(ref double start, nint count) => Vector256.Create(
        start, count > 1 ? Unsafe.Add(ref start, 1) : 0, count > 2 ? Unsafe.Add(ref start, 2) : 0, 0);
}
