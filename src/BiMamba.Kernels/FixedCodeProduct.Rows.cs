using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>The innermost loops over 16 rows, and what is made of their sums.</content>
public static partial class FixedCodeProduct
{
    // Of 16 rows the sums of high halves, then of low ones.
    private const int SumWords = 2 * SignTiles.TileRows;
    private const int Eight = SignTiles.TileRows / 2;

    /// <summary>3 tokens, <paramref name="stride"/> words apart, by 16 rows: 12 sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Add3(int* codes, int* first, nint stride, int tiles, int* sums)
    {
        Vector256<int> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector256<int> g = default, h = default, i = default, j = default, k = default, l = default;
        var second = first + stride;
        var third = second + stride;
        for (var tile = 0; tile < tiles; tile++)
        {
            for (nint pair = 0; pair < PairsPerTile; pair++)
            {
                var (m, n) = (Vector256.Load(codes), Vector256.Load(codes + Eight));
                codes += SignTiles.TileRows;
                AddPair(m, n, first[pair], ref a, ref b);
                AddPair(m, n, first[pair + PairsPerTile], ref c, ref d);
                AddPair(m, n, second[pair], ref e, ref f);
                AddPair(m, n, second[pair + PairsPerTile], ref g, ref h);
                AddPair(m, n, third[pair], ref i, ref j);
                AddPair(m, n, third[pair + PairsPerTile], ref k, ref l);
            }

            first += InputWords;
            second += InputWords;
            third += InputWords;
        }

        Store(a, b, c, d, sums);
        Store(e, f, g, h, sums + SumWords);
        Store(i, j, k, l, sums + (2 * SumWords));
    }

    /// <summary>1 token by 16 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Add1(int* codes, int* first, int tiles, int* sums)
    {
        Vector256<int> a = default, b = default, c = default, d = default;
        for (var tile = 0; tile < tiles; tile++)
        {
            for (nint pair = 0; pair < PairsPerTile; pair++)
            {
                var (m, n) = (Vector256.Load(codes), Vector256.Load(codes + Eight));
                codes += SignTiles.TileRows;
                AddPair(m, n, first[pair], ref a, ref b);
                AddPair(m, n, first[pair + PairsPerTile], ref c, ref d);
            }

            first += InputWords;
        }

        Store(a, b, c, d, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPair(Vector256<int> one, Vector256<int> two, int pair, ref Vector256<int> sum, ref Vector256<int> next)
    {
        var q = Vector256.Create(pair);
        sum += MultiplyPairs(one, q);
        next += MultiplyPairs(two, q);
    }

    /// <summary>The sums of the products of both 16-bit numbers of a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> MultiplyPairs(Vector256<int> codes, Vector256<int> q) =>
        Avx2.IsSupported
            ? Avx2.MultiplyAddAdjacent(codes.AsInt16(), q.AsInt16())
            : ((codes & Vector256.Create(0xFFFF)) * ((q << 16) >> 16)) + ((codes >> 16) * (q >> 16));

    private static unsafe void Store(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d, int* sums)
    {
        a.Store(sums);
        b.Store(sums + Eight);
        c.Store(sums + (2 * Eight));
        d.Store(sums + (3 * Eight));
    }

    /// <summary>Four words as f64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> ToDouble(Vector128<int> words) =>
        Avx.IsSupported
            ? Avx.ConvertToVector256Double(words)
            : Vector256.ConvertToDouble(Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words)));

    /// <summary>Adds the sums of 8 rows, high * a + low * b + (base - zero * x), all of which f64 holds exactly, to their results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        Vector256<int> high, double a, Vector256<int> low, double b, double start, Vector256<int> zero, int x, Vector256<float> factor, ref float y)
    {
        var one = Combine(high.GetLower(), a, low.GetLower(), b, start, zero.GetLower(), x);
        var two = Combine(high.GetUpper(), a, low.GetUpper(), b, start, zero.GetUpper(), x);
        Vector256.FusedMultiplyAdd(Vector256.Narrow(one, two), factor, Vector256.LoadUnsafe(ref y)).StoreUnsafe(ref y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Combine(Vector128<int> high, double a, Vector128<int> low, double b, double start, Vector128<int> zero, int x)
    {
        var sum = Vector256.FusedMultiplyAdd(ToDouble(zero), Vector256.Create(-(double)x), Vector256.Create(start));
        sum = Vector256.FusedMultiplyAdd(ToDouble(high), Vector256.Create(a), sum);
        return Vector256.FusedMultiplyAdd(ToDouble(low), Vector256.Create(b), sum);
    }

    /// <summary>The scales and the zeros of rows in one group, 0 behind the last row.</summary>
    private readonly ref struct BlockScales(Span<float> scale, Span<int> zero)
    {
        public Span<float> Scale { get; } = scale;

        public Span<int> Zero { get; } = zero;

        public void Load(CodeScales scales, int bits, int row, int count, int group)
        {
            ref var scale = ref MemoryMarshal.GetReference(scales.Scale);
            nint index = scales.Index(row, group), step = scales.Rows == 1 ? 0 : scales.Groups;
            if (scales.Zero.IsEmpty)
                Zero.Fill(1 << (bits - 1));
            for (var r = 0; r < count; r++, index += step)
            {
                Scale[r] = Unsafe.Add(ref scale, index);
                if (!scales.Zero.IsEmpty)
                    Zero[r] = scales.Zero[(int)index];
            }
        }

        /// <summary>Adds the sums of a piece to the results of up to 16 rows.</summary>
        public unsafe void Finish(int* sums, int x, float unit, Span<float> y)
        {
            Span<float> spill = stackalloc float[SignTiles.TileRows];
            var isWhole = y.Length == SignTiles.TileRows;
            if (!isWhole)
                y.CopyTo(spill);
            ref var target = ref MemoryMarshal.GetReference(isWhole ? y : spill);
            for (var row = 0; row < SignTiles.TileRows; row += Eight)
            {
                var (high, low) = (Vector256.Load(sums + row), Vector256.Load(sums + SignTiles.TileRows + row));
                FixedCodeProduct.Finish(
                    high, 1 << HalfBits, low, 1.0, 0.0, Vector256.Create<int>(Zero[row..]), x, Vector256.Create<float>(Scale[row..]) * unit,
                    ref Unsafe.Add(ref target, row));
            }

            if (!isWhole)
                spill[..y.Length].CopyTo(y);
        }
    }
}
