using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>Blocks on AVX2: two registers hold the 16 lanes of one sum, lanes 0 to 7 and 8 to 15.</content>
public static partial class RowProduct
{
    private const int Half = Lanes.Count / 2;

    /// <summary>3 tokens by 2 rows in 12 registers. Lane sums lRT (lanes 0 to 7) and hRT (8 to 15): row R, token T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block3x2(ref float x, nint xStride, ref float w, nint columns, ref float y, nint yStride)
    {
        ref var x1 = ref Unsafe.Add(ref x, xStride);
        ref var x2 = ref Unsafe.Add(ref x1, xStride);
        ref var w1 = ref Unsafe.Add(ref w, columns);
        Vector256<float> l00 = Vector256<float>.Zero, l01 = l00, l02 = l00, l10 = l00, l11 = l00, l12 = l00;
        Vector256<float> h00 = l00, h01 = l00, h02 = l00, h10 = l00, h11 = l00, h12 = l00;
        nint k = 0;
        for (; k <= columns - Lanes.Count; k += Lanes.Count)
        {
            var p0 = Load(ref w, k);
            var p1 = Load(ref w1, k);
            var v = Load(ref x, k);
            l00 = Fma.MultiplyAdd(v, p0, l00);
            l10 = Fma.MultiplyAdd(v, p1, l10);
            v = Load(ref x1, k);
            l01 = Fma.MultiplyAdd(v, p0, l01);
            l11 = Fma.MultiplyAdd(v, p1, l11);
            v = Load(ref x2, k);
            l02 = Fma.MultiplyAdd(v, p0, l02);
            l12 = Fma.MultiplyAdd(v, p1, l12);
            p0 = Load(ref w, k + Half);
            p1 = Load(ref w1, k + Half);
            v = Load(ref x, k + Half);
            h00 = Fma.MultiplyAdd(v, p0, h00);
            h10 = Fma.MultiplyAdd(v, p1, h10);
            v = Load(ref x1, k + Half);
            h01 = Fma.MultiplyAdd(v, p0, h01);
            h11 = Fma.MultiplyAdd(v, p1, h11);
            v = Load(ref x2, k + Half);
            h02 = Fma.MultiplyAdd(v, p0, h02);
            h12 = Fma.MultiplyAdd(v, p1, h12);
        }

        if (k < columns)
        {
            var low = HalfMask(columns - k);
            var high = HalfMask(columns - k - Half);
            var p0 = LoadMasked(ref w, k, low);
            var p1 = LoadMasked(ref w1, k, low);
            var v = LoadMasked(ref x, k, low);
            l00 = Fma.MultiplyAdd(v, p0, l00);
            l10 = Fma.MultiplyAdd(v, p1, l10);
            v = LoadMasked(ref x1, k, low);
            l01 = Fma.MultiplyAdd(v, p0, l01);
            l11 = Fma.MultiplyAdd(v, p1, l11);
            v = LoadMasked(ref x2, k, low);
            l02 = Fma.MultiplyAdd(v, p0, l02);
            l12 = Fma.MultiplyAdd(v, p1, l12);
            p0 = LoadMasked(ref w, k + Half, high);
            p1 = LoadMasked(ref w1, k + Half, high);
            v = LoadMasked(ref x, k + Half, high);
            h00 = Fma.MultiplyAdd(v, p0, h00);
            h10 = Fma.MultiplyAdd(v, p1, h10);
            v = LoadMasked(ref x1, k + Half, high);
            h01 = Fma.MultiplyAdd(v, p0, h01);
            h11 = Fma.MultiplyAdd(v, p1, h11);
            v = LoadMasked(ref x2, k + Half, high);
            h02 = Fma.MultiplyAdd(v, p0, h02);
            h12 = Fma.MultiplyAdd(v, p1, h12);
        }

        ref var y1 = ref Unsafe.Add(ref y, yStride);
        ref var y2 = ref Unsafe.Add(ref y1, yStride);
        y = Lanes.Sum(l00 + h00);
        Unsafe.Add(ref y, 1) = Lanes.Sum(l10 + h10);
        y1 = Lanes.Sum(l01 + h01);
        Unsafe.Add(ref y1, 1) = Lanes.Sum(l11 + h11);
        y2 = Lanes.Sum(l02 + h02);
        Unsafe.Add(ref y2, 1) = Lanes.Sum(l12 + h12);
    }

    /// <summary>1 token by 2 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1x2(ref float x, ref float w, nint columns, ref float y)
    {
        ref var w1 = ref Unsafe.Add(ref w, columns);
        Vector256<float> l0 = Vector256<float>.Zero, l1 = l0, h0 = l0, h1 = l0;
        nint k = 0;
        for (; k <= columns - Lanes.Count; k += Lanes.Count)
        {
            var first = Load(ref x, k);
            var second = Load(ref x, k + Half);
            l0 = Fma.MultiplyAdd(first, Load(ref w, k), l0);
            l1 = Fma.MultiplyAdd(first, Load(ref w1, k), l1);
            h0 = Fma.MultiplyAdd(second, Load(ref w, k + Half), h0);
            h1 = Fma.MultiplyAdd(second, Load(ref w1, k + Half), h1);
        }

        if (k < columns)
        {
            var low = HalfMask(columns - k);
            var high = HalfMask(columns - k - Half);
            var first = LoadMasked(ref x, k, low);
            var second = LoadMasked(ref x, k + Half, high);
            l0 = Fma.MultiplyAdd(first, LoadMasked(ref w, k, low), l0);
            l1 = Fma.MultiplyAdd(first, LoadMasked(ref w1, k, low), l1);
            h0 = Fma.MultiplyAdd(second, LoadMasked(ref w, k + Half, high), h0);
            h1 = Fma.MultiplyAdd(second, LoadMasked(ref w1, k + Half, high), h1);
        }

        y = Lanes.Sum(l0 + h0);
        Unsafe.Add(ref y, 1) = Lanes.Sum(l1 + h1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(ref float start, nint offset) => Vector256.LoadUnsafe(ref start, (nuint)offset);

    /// <summary>All bits set in the first <paramref name="count"/> lanes, none where it is not positive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> HalfMask(nint count) =>
        Vector256.LessThan(Vector256<int>.Indices, Vector256.Create((int)count)).AsSingle();

    /// <summary>The lanes of the mask, the others 0 and not read. Inline: a call would keep sums out of registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<float> LoadMasked(ref float start, nint offset, Vector256<float> mask)
    {
        fixed (float* pointer = &start)
            return Avx.MaskLoad(pointer + offset, mask);
    }
}
