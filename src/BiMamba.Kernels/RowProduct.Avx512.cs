using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>Blocks on AVX-512: one register holds the 16 lanes of one sum.</content>
public static partial class RowProduct
{
    /// <summary>4 tokens by 4 rows in 16 registers: 8 loads feed 16 multiply-adds. Lane sums aRT: row R, token T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block4x4(ref float x, nint xStride, ref float w, nint columns, ref float y, nint yStride)
    {
        ref var x0 = ref x;
        ref var x1 = ref Unsafe.Add(ref x, xStride);
        ref var x2 = ref Unsafe.Add(ref x1, xStride);
        ref var x3 = ref Unsafe.Add(ref x2, xStride);
        ref var w0 = ref w;
        ref var w1 = ref Unsafe.Add(ref w, columns);
        ref var w2 = ref Unsafe.Add(ref w1, columns);
        ref var w3 = ref Unsafe.Add(ref w2, columns);
        Vector512<float> a00 = Vector512<float>.Zero, a01 = Vector512<float>.Zero, a02 = Vector512<float>.Zero, a03 = Vector512<float>.Zero;
        Vector512<float> a10 = Vector512<float>.Zero, a11 = Vector512<float>.Zero, a12 = Vector512<float>.Zero, a13 = Vector512<float>.Zero;
        Vector512<float> a20 = Vector512<float>.Zero, a21 = Vector512<float>.Zero, a22 = Vector512<float>.Zero, a23 = Vector512<float>.Zero;
        Vector512<float> a30 = Vector512<float>.Zero, a31 = Vector512<float>.Zero, a32 = Vector512<float>.Zero, a33 = Vector512<float>.Zero;
        nint k = 0;
        for (; k <= columns - Lanes.Count; k += Lanes.Count)
        {
            var p0 = Lanes.Load(ref w0, k);
            var p1 = Lanes.Load(ref w1, k);
            var p2 = Lanes.Load(ref w2, k);
            var p3 = Lanes.Load(ref w3, k);
            var v0 = Lanes.Load(ref x0, k);
            a00 = Vector512.FusedMultiplyAdd(v0, p0, a00);
            a10 = Vector512.FusedMultiplyAdd(v0, p1, a10);
            a20 = Vector512.FusedMultiplyAdd(v0, p2, a20);
            a30 = Vector512.FusedMultiplyAdd(v0, p3, a30);
            var v1 = Lanes.Load(ref x1, k);
            a01 = Vector512.FusedMultiplyAdd(v1, p0, a01);
            a11 = Vector512.FusedMultiplyAdd(v1, p1, a11);
            a21 = Vector512.FusedMultiplyAdd(v1, p2, a21);
            a31 = Vector512.FusedMultiplyAdd(v1, p3, a31);
            var v2 = Lanes.Load(ref x2, k);
            a02 = Vector512.FusedMultiplyAdd(v2, p0, a02);
            a12 = Vector512.FusedMultiplyAdd(v2, p1, a12);
            a22 = Vector512.FusedMultiplyAdd(v2, p2, a22);
            a32 = Vector512.FusedMultiplyAdd(v2, p3, a32);
            var v3 = Lanes.Load(ref x3, k);
            a03 = Vector512.FusedMultiplyAdd(v3, p0, a03);
            a13 = Vector512.FusedMultiplyAdd(v3, p1, a13);
            a23 = Vector512.FusedMultiplyAdd(v3, p2, a23);
            a33 = Vector512.FusedMultiplyAdd(v3, p3, a33);
        }

        if (k < columns)
        {
            var mask = Mask(columns - k);
            var p0 = LoadMasked(ref Unsafe.Add(ref w0, k), mask);
            var p1 = LoadMasked(ref Unsafe.Add(ref w1, k), mask);
            var p2 = LoadMasked(ref Unsafe.Add(ref w2, k), mask);
            var p3 = LoadMasked(ref Unsafe.Add(ref w3, k), mask);
            var v0 = LoadMasked(ref Unsafe.Add(ref x0, k), mask);
            a00 = Vector512.FusedMultiplyAdd(v0, p0, a00);
            a10 = Vector512.FusedMultiplyAdd(v0, p1, a10);
            a20 = Vector512.FusedMultiplyAdd(v0, p2, a20);
            a30 = Vector512.FusedMultiplyAdd(v0, p3, a30);
            var v1 = LoadMasked(ref Unsafe.Add(ref x1, k), mask);
            a01 = Vector512.FusedMultiplyAdd(v1, p0, a01);
            a11 = Vector512.FusedMultiplyAdd(v1, p1, a11);
            a21 = Vector512.FusedMultiplyAdd(v1, p2, a21);
            a31 = Vector512.FusedMultiplyAdd(v1, p3, a31);
            var v2 = LoadMasked(ref Unsafe.Add(ref x2, k), mask);
            a02 = Vector512.FusedMultiplyAdd(v2, p0, a02);
            a12 = Vector512.FusedMultiplyAdd(v2, p1, a12);
            a22 = Vector512.FusedMultiplyAdd(v2, p2, a22);
            a32 = Vector512.FusedMultiplyAdd(v2, p3, a32);
            var v3 = LoadMasked(ref Unsafe.Add(ref x3, k), mask);
            a03 = Vector512.FusedMultiplyAdd(v3, p0, a03);
            a13 = Vector512.FusedMultiplyAdd(v3, p1, a13);
            a23 = Vector512.FusedMultiplyAdd(v3, p2, a23);
            a33 = Vector512.FusedMultiplyAdd(v3, p3, a33);
        }

        var row0 = AddLanes(a00, a01, a02, a03);
        var row1 = AddLanes(a10, a11, a12, a13);
        var row2 = AddLanes(a20, a21, a22, a23);
        var row3 = AddLanes(a30, a31, a32, a33);
        var sums = AddRows(row0, row1, row2, row3);
        Vector128.StoreUnsafe(sums.GetLower().GetLower(), ref y);
        Vector128.StoreUnsafe(sums.GetLower().GetUpper(), ref Unsafe.Add(ref y, yStride));
        Vector128.StoreUnsafe(sums.GetUpper().GetLower(), ref Unsafe.Add(ref y, 2 * yStride));
        Vector128.StoreUnsafe(sums.GetUpper().GetUpper(), ref Unsafe.Add(ref y, 3 * yStride));
    }

    /// <summary>1 token by 4 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1x4(ref float x, ref float w, nint columns, ref float y)
    {
        ref var w1 = ref Unsafe.Add(ref w, columns);
        ref var w2 = ref Unsafe.Add(ref w1, columns);
        ref var w3 = ref Unsafe.Add(ref w2, columns);
        Vector512<float> a0 = Vector512<float>.Zero, a1 = a0, a2 = a0, a3 = a0;
        nint k = 0;
        for (; k <= columns - Lanes.Count; k += Lanes.Count)
        {
            var v = Lanes.Load(ref x, k);
            a0 = Vector512.FusedMultiplyAdd(v, Lanes.Load(ref w, k), a0);
            a1 = Vector512.FusedMultiplyAdd(v, Lanes.Load(ref w1, k), a1);
            a2 = Vector512.FusedMultiplyAdd(v, Lanes.Load(ref w2, k), a2);
            a3 = Vector512.FusedMultiplyAdd(v, Lanes.Load(ref w3, k), a3);
        }

        if (k < columns)
        {
            var mask = Mask(columns - k);
            var v = LoadMasked(ref Unsafe.Add(ref x, k), mask);
            a0 = Vector512.FusedMultiplyAdd(v, LoadMasked(ref Unsafe.Add(ref w, k), mask), a0);
            a1 = Vector512.FusedMultiplyAdd(v, LoadMasked(ref Unsafe.Add(ref w1, k), mask), a1);
            a2 = Vector512.FusedMultiplyAdd(v, LoadMasked(ref Unsafe.Add(ref w2, k), mask), a2);
            a3 = Vector512.FusedMultiplyAdd(v, LoadMasked(ref Unsafe.Add(ref w3, k), mask), a3);
        }

        y = Lanes.Sum(a0);
        Unsafe.Add(ref y, 1) = Lanes.Sum(a1);
        Unsafe.Add(ref y, 2) = Lanes.Sum(a2);
        Unsafe.Add(ref y, 3) = Lanes.Sum(a3);
    }

    /// <summary>
    /// The first two levels of the tree for four sums at once: quarter q of the result holds the 4 partial sums of the
    /// q-th argument. Shuffle4x128 selects quarters: 0x44 = first halves, 0xEE = second halves, 0x88 = even, 0xDD = odd.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddLanes(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        var ab = Avx512F.Shuffle4x128(a, b, 0x44) + Avx512F.Shuffle4x128(a, b, 0xEE);
        var cd = Avx512F.Shuffle4x128(c, d, 0x44) + Avx512F.Shuffle4x128(c, d, 0xEE);
        return Avx512F.Shuffle4x128(ab, cd, 0x88) + Avx512F.Shuffle4x128(ab, cd, 0xDD);
    }

    /// <summary>
    /// The last two levels, within quarters: element r of quarter q of the result is the sum of quarter q of the r-th
    /// argument.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddRows(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        var ab = Avx512F.Shuffle(a, b, 0x44) + Avx512F.Shuffle(a, b, 0xEE);
        var cd = Avx512F.Shuffle(c, d, 0x44) + Avx512F.Shuffle(c, d, 0xEE);
        return Avx512F.Shuffle(ab, cd, 0x88) + Avx512F.Shuffle(ab, cd, 0xDD);
    }

    /// <summary>All bits set in the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mask(nint count) =>
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create((int)count)).AsSingle();

    /// <summary>The lanes of the mask, the others 0 and not read. Inline: a call would keep sums out of registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<float> LoadMasked(ref float start, Vector512<float> mask)
    {
        fixed (float* pointer = &start)
            return Avx512F.MaskLoad(pointer, mask, Vector512<float>.Zero);
    }
}
