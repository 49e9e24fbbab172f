using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// Many tokens on AVX-512. Weights are packed: 4 rows in turn give 16 columns each, so that a block reads them in one
/// stream and rows whose distance is a power of two do not fall into the same few cache sets. Columns go in chunks, of
/// which 16 rows stay in the first-level cache while the tokens of a tile pass; the lane sums wait in scratch
/// between chunks, so the order of a sum is the same.
/// </content>
public static partial class RowProduct
{
    private const int PackedRows = 4;
    private const int PackedTokens = 6;
    private const int TileRows = 16;
    private const int TileTokens = 24;
    private const int ChunkVectors = 24;

    // Below this number of tokens packing costs more than it saves.
    private const int FewestPackedTokens = 64;

    private const int SumsLength = TileTokens * TileRows * Lanes.Count;

    /// <summary>The scratch length in f32 with which <see cref="Multiply(Rows, ReadOnlySpan{float}, MutableRows, Span{float})"/> is fastest.</summary>
    public static int ScratchLength(int tokens, int rows, int columns)
    {
        if (!Avx512F.IsSupported || tokens < FewestPackedTokens)
            return 0;
        return checked(SumsLength + (Padded(rows, PackedRows) * Padded(columns, Lanes.Count)));
    }

    /// <summary>Writes y[t, r] for all tokens of <paramref name="x"/> and all rows of <paramref name="w"/>.</summary>
    /// <param name="x">Activations [tokens, columns].</param>
    /// <param name="w">Weights [y.Width, columns], contiguous.</param>
    /// <param name="y">Results [tokens, rows]; must not overlap the inputs.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> elements, overwritten; results do not depend on it.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Multiply(Rows x, ReadOnlySpan<float> w, MutableRows y, Span<float> scratch)
    {
        Guard.Equal(y.Count, x.Count);
        Guard.Equal(w.Length, (long)y.Width * x.Width);
        var length = ScratchLength(x.Count, y.Width, x.Width);
        Guard.AtLeast(scratch.Length, length);
        if (length == 0 || x.Width == 0 || y.Width == 0)
        {
            Multiply(x, w, y);
            return;
        }

        var sums = scratch[..SumsLength];
        var packed = scratch[SumsLength..length];
        Pack(w, y.Width, x.Width, packed);
        for (var token = 0; token < x.Count; token += TileTokens)
        {
            // A last tile of less than a block begins earlier: its first tokens get the same bits again.
            var first = Math.Min(token, x.Count - PackedTokens);
            var count = Math.Min(TileTokens, x.Count - first);
            for (var row = 0; row < y.Width; row += TileRows)
                MultiplyTile(x.Slice(first, count), packed, row, sums, y.Slice(first, count));
        }
    }

    private static int Padded(int count, int unit) => checked(count + unit - 1) / unit * unit;

    /// <summary>Packs rows, with zeros for the rows and columns that are missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(ReadOnlySpan<float> w, int rows, int columns, Span<float> packed)
    {
        nint vectors = Padded(columns, Lanes.Count) / Lanes.Count, whole = columns / Lanes.Count;
        for (var row = 0; row < Padded(rows, PackedRows); row++)
        {
            ref var target = ref packed[(int)((row / PackedRows * vectors * PackedRows) + (row % PackedRows)) * Lanes.Count];
            nint i = 0;
            if (row < rows)
            {
                ref var source = ref Unsafe.Add(ref MemoryMarshal.GetReference(w), row * (nint)columns);
                for (; i < whole; i++)
                    Lanes.Store(Lanes.Load(ref source, i * Lanes.Count), ref target, i * PackedRows * Lanes.Count);
                if (i < vectors)
                    Lanes.Store(Lanes.LoadPartial(ref Unsafe.Add(ref source, i * Lanes.Count), columns % Lanes.Count), ref target, i++ * PackedRows * Lanes.Count);
            }

            for (; i < vectors; i++)
                Lanes.Store(default, ref target, i * PackedRows * Lanes.Count);
        }
    }

    /// <summary>Up to 24 tokens, at least 6, by up to 16 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyTile(Rows x, ReadOnlySpan<float> packed, int firstRow, Span<float> sums, MutableRows y)
    {
        nint vectors = Padded(x.Width, Lanes.Count) / Lanes.Count;
        var rowBlocks = (Math.Min(TileRows, y.Width - firstRow) + PackedRows - 1) / PackedRows;
        ref var weights = ref Unsafe.Add(ref MemoryMarshal.GetReference(packed), firstRow * vectors * Lanes.Count);
        ref var inputs = ref MemoryMarshal.GetReference(x.Values);
        ref var lanes = ref MemoryMarshal.GetReference(sums);
        var tokenBlocks = (x.Count + PackedTokens - 1) / PackedTokens;
        for (nint first = 0; first < vectors; first += ChunkVectors)
        {
            var count = nint.Min(ChunkVectors, vectors - first);
            // The columns of the last vector, unless it is whole.
            var last = first + count == vectors ? x.Width % Lanes.Count : 0;
            for (var tokenBlock = 0; tokenBlock < tokenBlocks; tokenBlock++)
            {
                var token = Math.Min(tokenBlock * PackedTokens, x.Count - PackedTokens);
                for (var rowBlock = 0; rowBlock < rowBlocks; rowBlock++)
                {
                    Block6x4(
                        ref Unsafe.Add(ref inputs, (token * (nint)x.Stride) + (first * Lanes.Count)), x.Stride,
                        ref Unsafe.Add(ref weights, ((rowBlock * vectors) + first) * PackedRows * Lanes.Count), count, last,
                        ref Unsafe.Add(ref lanes, ((tokenBlock * TileRows) + (rowBlock * PackedRows)) * PackedTokens * Lanes.Count), first == 0);
                }
            }
        }

        for (var tokenBlock = 0; tokenBlock < tokenBlocks; tokenBlock++)
        {
            var token = Math.Min(tokenBlock * PackedTokens, x.Count - PackedTokens);
            for (var rowBlock = 0; rowBlock < rowBlocks; rowBlock++)
            {
                var block = sums.Slice(((tokenBlock * TileRows) + (rowBlock * PackedRows)) * PackedTokens * Lanes.Count, PackedRows * PackedTokens * Lanes.Count);
                var row = firstRow + (rowBlock * PackedRows);
                for (var t = 0; t < PackedTokens; t++)
                    AddLanes(block[(t * PackedRows * Lanes.Count)..], y[token + t].Slice(row, Math.Min(PackedRows, y.Width - row)));
            }
        }
    }

    /// <summary>The fixed tree for the 4 rows of one token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddLanes(ReadOnlySpan<float> lanes, Span<float> y)
    {
        var row0 = Vector512.Create(lanes);
        var row1 = Vector512.Create(lanes[Lanes.Count..]);
        var row2 = Vector512.Create(lanes[(2 * Lanes.Count)..]);
        var row3 = Vector512.Create(lanes[(3 * Lanes.Count)..]);
        // Quarter q holds row q; the last two levels within quarters leave every sum in each element of its quarter.
        var quarters = AddLanes(row0, row1, row2, row3);
        var sums = AddRows(quarters, quarters, quarters, quarters);
        for (var row = 0; row < y.Length; row++)
            y[row] = sums.GetElement(row * 4);
    }

    /// <summary>6 tokens by 4 packed rows over a chunk of columns in 24 registers. Lane sums aTR: token T, row R.</summary>
    /// <param name="last">The columns of the last vector, or 0 where it is whole.</param>
    /// <param name="sums">[6, 4, 16] lane sums, continued, or begun at 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block6x4(ref float x, nint xStride, ref float w, nint vectors, nint last, ref float sums, bool begin)
    {
        ref var x1 = ref Unsafe.Add(ref x, xStride);
        ref var x2 = ref Unsafe.Add(ref x1, xStride);
        ref var x3 = ref Unsafe.Add(ref x2, xStride);
        ref var x4 = ref Unsafe.Add(ref x3, xStride);
        ref var x5 = ref Unsafe.Add(ref x4, xStride);
        Vector512<float> a00 = default, a01 = default, a02 = default, a03 = default, a10 = default, a11 = default, a12 = default, a13 = default;
        Vector512<float> a20 = default, a21 = default, a22 = default, a23 = default, a30 = default, a31 = default, a32 = default, a33 = default;
        Vector512<float> a40 = default, a41 = default, a42 = default, a43 = default, a50 = default, a51 = default, a52 = default, a53 = default;
        if (!begin)
        {
            LoadSums(ref sums, out a00, out a01, out a02, out a03);
            LoadSums(ref Unsafe.Add(ref sums, 64), out a10, out a11, out a12, out a13);
            LoadSums(ref Unsafe.Add(ref sums, 128), out a20, out a21, out a22, out a23);
            LoadSums(ref Unsafe.Add(ref sums, 192), out a30, out a31, out a32, out a33);
            LoadSums(ref Unsafe.Add(ref sums, 256), out a40, out a41, out a42, out a43);
            LoadSums(ref Unsafe.Add(ref sums, 320), out a50, out a51, out a52, out a53);
        }

        var whole = (last == 0 ? vectors : vectors - 1) * Lanes.Count;
        nint k = 0;
        for (; k < whole; k += Lanes.Count)
        {
            var p0 = Lanes.Load(ref w, 4 * k);
            var p1 = Lanes.Load(ref w, (4 * k) + 16);
            var p2 = Lanes.Load(ref w, (4 * k) + 32);
            var p3 = Lanes.Load(ref w, (4 * k) + 48);
            MultiplyAdd(Lanes.Load(ref x, k), p0, p1, p2, p3, ref a00, ref a01, ref a02, ref a03);
            MultiplyAdd(Lanes.Load(ref x1, k), p0, p1, p2, p3, ref a10, ref a11, ref a12, ref a13);
            MultiplyAdd(Lanes.Load(ref x2, k), p0, p1, p2, p3, ref a20, ref a21, ref a22, ref a23);
            MultiplyAdd(Lanes.Load(ref x3, k), p0, p1, p2, p3, ref a30, ref a31, ref a32, ref a33);
            MultiplyAdd(Lanes.Load(ref x4, k), p0, p1, p2, p3, ref a40, ref a41, ref a42, ref a43);
            MultiplyAdd(Lanes.Load(ref x5, k), p0, p1, p2, p3, ref a50, ref a51, ref a52, ref a53);
        }

        if (last > 0)
        {
            var mask = Mask(last);
            var p0 = Lanes.Load(ref w, 4 * k);
            var p1 = Lanes.Load(ref w, (4 * k) + 16);
            var p2 = Lanes.Load(ref w, (4 * k) + 32);
            var p3 = Lanes.Load(ref w, (4 * k) + 48);
            MultiplyAdd(LoadMasked(ref Unsafe.Add(ref x, k), mask), p0, p1, p2, p3, ref a00, ref a01, ref a02, ref a03);
            MultiplyAdd(LoadMasked(ref Unsafe.Add(ref x1, k), mask), p0, p1, p2, p3, ref a10, ref a11, ref a12, ref a13);
            MultiplyAdd(LoadMasked(ref Unsafe.Add(ref x2, k), mask), p0, p1, p2, p3, ref a20, ref a21, ref a22, ref a23);
            MultiplyAdd(LoadMasked(ref Unsafe.Add(ref x3, k), mask), p0, p1, p2, p3, ref a30, ref a31, ref a32, ref a33);
            MultiplyAdd(LoadMasked(ref Unsafe.Add(ref x4, k), mask), p0, p1, p2, p3, ref a40, ref a41, ref a42, ref a43);
            MultiplyAdd(LoadMasked(ref Unsafe.Add(ref x5, k), mask), p0, p1, p2, p3, ref a50, ref a51, ref a52, ref a53);
        }

        StoreSums(a00, a01, a02, a03, ref sums);
        StoreSums(a10, a11, a12, a13, ref Unsafe.Add(ref sums, 64));
        StoreSums(a20, a21, a22, a23, ref Unsafe.Add(ref sums, 128));
        StoreSums(a30, a31, a32, a33, ref Unsafe.Add(ref sums, 192));
        StoreSums(a40, a41, a42, a43, ref Unsafe.Add(ref sums, 256));
        StoreSums(a50, a51, a52, a53, ref Unsafe.Add(ref sums, 320));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd(
        Vector512<float> x, Vector512<float> p0, Vector512<float> p1, Vector512<float> p2, Vector512<float> p3,
        ref Vector512<float> a0, ref Vector512<float> a1, ref Vector512<float> a2, ref Vector512<float> a3)
    {
        a0 = Vector512.FusedMultiplyAdd(x, p0, a0);
        a1 = Vector512.FusedMultiplyAdd(x, p1, a1);
        a2 = Vector512.FusedMultiplyAdd(x, p2, a2);
        a3 = Vector512.FusedMultiplyAdd(x, p3, a3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadSums(
        ref float sums, out Vector512<float> a0, out Vector512<float> a1, out Vector512<float> a2, out Vector512<float> a3)
    {
        a0 = Lanes.Load(ref sums, 0);
        a1 = Lanes.Load(ref sums, 16);
        a2 = Lanes.Load(ref sums, 32);
        a3 = Lanes.Load(ref sums, 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreSums(
        Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3, ref float sums)
    {
        Lanes.Store(a0, ref sums, 0);
        Lanes.Store(a1, ref sums, 16);
        Lanes.Store(a2, ref sums, 32);
        Lanes.Store(a3, ref sums, 48);
    }
}
