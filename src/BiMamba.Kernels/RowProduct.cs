using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <summary>
/// The product of activation rows with weight rows, both f32: y[t, r] = sum over k of x[t, k] * w[r, k].
/// </summary>
/// <remarks>
/// Layout: x is [tokens, columns] at a stride, w is [rows, columns] contiguous, y is [tokens, rows] at a stride; the
/// caller gives panels of some 32 to 64 weight rows, which it may have widened from another element type, and adds any
/// bias. Lanes and remainder: each element is summed in the 16-lane order of <see cref="Lanes"/> whatever block it
/// falls in, so blocks only change which sums run side by side.
/// Blocks are 4 tokens by 4 rows on AVX-512 and 3 by 2 on AVX2; what is left over goes in blocks of 1 by 4 or 2 and 1 by 1.
/// </remarks>
public static partial class RowProduct
{
    // The weight rows of a block stay in L1 while this many tokens stream past them from L2.
    private const int TokenTile = 24;

    /// <summary>Writes y[t, r] for all tokens of <paramref name="x"/> and all rows of <paramref name="w"/>.</summary>
    /// <param name="x">Activations [tokens, columns].</param>
    /// <param name="w">Weights [y.Width, columns], contiguous.</param>
    /// <param name="y">Results [tokens, rows]; must not overlap the inputs.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Multiply(Rows x, ReadOnlySpan<float> w, MutableRows y)
    {
        Guard.Equal(y.Count, x.Count);
        Guard.Equal(w.Length, (long)y.Width * x.Width);
        if (!Vector128.IsHardwareAccelerated)
        {
            MultiplyScalar(x, w, y);
            return;
        }

        for (var token = 0; token < x.Count; token += TokenTile)
        {
            var count = Math.Min(TokenTile, x.Count - token);
            MultiplyTile(x.Slice(token, count), w, y.Slice(token, count));
        }
    }

    /// <summary>The scalar form of <see cref="Multiply(Rows, ReadOnlySpan{float}, MutableRows)"/>, equal to it in every bit.</summary>
    public static void MultiplyScalar(Rows x, ReadOnlySpan<float> w, MutableRows y)
    {
        Guard.Equal(y.Count, x.Count);
        Guard.Equal(w.Length, (long)y.Width * x.Width);
        for (var t = 0; t < x.Count; t++)
        {
            for (var r = 0; r < y.Width; r++)
                y[t][r] = Lanes.DotScalar(x[t], w.Slice(r * x.Width, x.Width));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyTile(Rows x, ReadOnlySpan<float> w, MutableRows y)
    {
        ref var xs = ref MemoryMarshal.GetReference(x.Values);
        ref var ws = ref MemoryMarshal.GetReference(w);
        ref var ys = ref MemoryMarshal.GetReference(y.Values);
        nint columns = x.Width, xStride = x.Stride, yStride = y.Stride, tokens = x.Count, rows = y.Width;
        nint r = 0;
        var rowsPerBlock = Avx512F.IsSupported ? 4 : 2;
        if (Fma.IsSupported)
        {
            for (; r <= rows - rowsPerBlock; r += rowsPerBlock)
            {
                ref var panel = ref Unsafe.Add(ref ws, r * columns);
                nint t = 0;
                if (Avx512F.IsSupported)
                {
                    for (; t <= tokens - 4; t += 4)
                    {
                        Block4x4(
                            ref Unsafe.Add(ref xs, t * xStride), xStride, ref panel, columns,
                            ref Unsafe.Add(ref ys, (t * yStride) + r), yStride);
                    }

                    for (; t < tokens; t++)
                        Block1x4(ref Unsafe.Add(ref xs, t * xStride), ref panel, columns, ref Unsafe.Add(ref ys, (t * yStride) + r));
                }
                else
                {
                    for (; t <= tokens - 3; t += 3)
                    {
                        Block3x2(
                            ref Unsafe.Add(ref xs, t * xStride), xStride, ref panel, columns,
                            ref Unsafe.Add(ref ys, (t * yStride) + r), yStride);
                    }

                    for (; t < tokens; t++)
                        Block1x2(ref Unsafe.Add(ref xs, t * xStride), ref panel, columns, ref Unsafe.Add(ref ys, (t * yStride) + r));
                }
            }
        }

        for (; r < rows; r++)
        {
            for (nint t = 0; t < tokens; t++)
            {
                Unsafe.Add(ref ys, (t * yStride) + r) =
                    Lanes.Dot(ref Unsafe.Add(ref xs, t * xStride), ref Unsafe.Add(ref ws, r * columns), columns);
            }
        }
    }
}
