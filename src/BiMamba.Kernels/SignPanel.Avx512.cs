using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// AVX-512: a table of 32 entries, for the patterns of six signs that differ by more than all of them at once, is two
/// registers that one permute looks up; a multiply-add by +1 or -1 gives the sign back. The pattern of a row is the
/// exclusive or of neighbouring bits, so one shift serves all five groups of a word. Tables of 96 columns by 12 tokens
/// (24 KiB) stay in the first-level cache while all row blocks pass.
/// </content>
public static partial class SignPanel
{
    private const int WideEntries = 2 * SignTiles.TileRows;

    // What the 16 rows of a row block look up: for each group a vector of table indices and one of signs.
    private const int GroupCodes = 2 * SignTiles.TileRows;
    private const int BlockCodes = Groups * GroupCodes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AddWide(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int tokens, Span<float> codes, ReadOnlySpan<float> tables, Span<float> sums)
    {
        ref var code = ref MemoryMarshal.GetReference(codes);
        Encode(first, ref code);
        Encode(second, ref Unsafe.Add(ref code, BlockCodes));
        ref var table = ref MemoryMarshal.GetReference(tables);
        if (tokens == TileTokens)
            Add12x2(ref code, ref table, ref MemoryMarshal.GetReference(sums), TileTokens * SignTiles.TileRows);
        else
            Add4x2(ref code, ref table, ref MemoryMarshal.GetReference(sums), SmallTileTokens * SignTiles.TileRows);
    }

    /// <summary>The table indices and signs of the 16 rows of a row block over a span of columns.</summary>
    private static void Encode(ReadOnlySpan<byte> span, ref float codes)
    {
        ref var words = ref MemoryMarshal.GetReference(span);
        var rest = Vector512<int>.Zero;
        for (var word = 0; word < SpanTiles; word++)
        {
            var bits = Vector512.LoadUnsafe(ref words, (nuint)(word * SignTiles.TileBytes)).AsInt32();
            var patterns = bits ^ Vector512.ShiftRightLogical(bits, 1);
            for (var group = 0; group < WordGroups; group++)
            {
                var signs = Vector512.ShiftLeft(bits, 32 - ((group + 1) * GroupColumns));
                codes = ref Encode(Vector512.ShiftRightLogical(patterns, group * GroupColumns), signs, ref codes);
            }

            rest |= Vector512.ShiftLeft(Vector512.ShiftRightLogical(bits, WordGroups * GroupColumns), word * RestColumns);
        }

        Encode(rest ^ Vector512.ShiftRightLogical(rest, 1), Vector512.ShiftLeft(rest, 32 - GroupColumns), ref codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref float Encode(Vector512<int> indices, Vector512<int> signs, ref float codes)
    {
        Lanes.Store(indices.AsSingle(), ref codes, 0);
        // -1.0 with its sign bit turned by the bit of the plane, which is set for +.
        Lanes.Store(((signs & Vector512.Create(int.MinValue)) ^ Vector512.Create(-1f).AsInt32()).AsSingle(), ref codes, SignTiles.TileRows);
        return ref Unsafe.Add(ref codes, GroupCodes);
    }

    /// <summary>12 tokens by 2 row blocks: sums aT of the first, bT of the second, for token T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add12x2(ref float codes, ref float table, ref float sums, nint next)
    {
        ref var nextSums = ref Unsafe.Add(ref sums, next);
        var a0 = Lanes.Load(ref sums, 0 * SignTiles.TileRows);
        var b0 = Lanes.Load(ref nextSums, 0 * SignTiles.TileRows);
        var a1 = Lanes.Load(ref sums, 1 * SignTiles.TileRows);
        var b1 = Lanes.Load(ref nextSums, 1 * SignTiles.TileRows);
        var a2 = Lanes.Load(ref sums, 2 * SignTiles.TileRows);
        var b2 = Lanes.Load(ref nextSums, 2 * SignTiles.TileRows);
        var a3 = Lanes.Load(ref sums, 3 * SignTiles.TileRows);
        var b3 = Lanes.Load(ref nextSums, 3 * SignTiles.TileRows);
        var a4 = Lanes.Load(ref sums, 4 * SignTiles.TileRows);
        var b4 = Lanes.Load(ref nextSums, 4 * SignTiles.TileRows);
        var a5 = Lanes.Load(ref sums, 5 * SignTiles.TileRows);
        var b5 = Lanes.Load(ref nextSums, 5 * SignTiles.TileRows);
        var a6 = Lanes.Load(ref sums, 6 * SignTiles.TileRows);
        var b6 = Lanes.Load(ref nextSums, 6 * SignTiles.TileRows);
        var a7 = Lanes.Load(ref sums, 7 * SignTiles.TileRows);
        var b7 = Lanes.Load(ref nextSums, 7 * SignTiles.TileRows);
        var a8 = Lanes.Load(ref sums, 8 * SignTiles.TileRows);
        var b8 = Lanes.Load(ref nextSums, 8 * SignTiles.TileRows);
        var a9 = Lanes.Load(ref sums, 9 * SignTiles.TileRows);
        var b9 = Lanes.Load(ref nextSums, 9 * SignTiles.TileRows);
        var a10 = Lanes.Load(ref sums, 10 * SignTiles.TileRows);
        var b10 = Lanes.Load(ref nextSums, 10 * SignTiles.TileRows);
        var a11 = Lanes.Load(ref sums, 11 * SignTiles.TileRows);
        var b11 = Lanes.Load(ref nextSums, 11 * SignTiles.TileRows);
        for (var group = 0; group < Groups; group++)
        {
            var u = Lanes.Load(ref codes, 0).AsInt32();
            var v = Lanes.Load(ref codes, BlockCodes).AsInt32();
            var s = Lanes.Load(ref codes, SignTiles.TileRows);
            var r = Lanes.Load(ref codes, BlockCodes + SignTiles.TileRows);
            var low = Lanes.Load(ref table, 0 * SignTiles.TileRows);
            var high = Lanes.Load(ref table, 1 * SignTiles.TileRows);
            a0 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a0);
            b0 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b0);
            low = Lanes.Load(ref table, 2 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 3 * SignTiles.TileRows);
            a1 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a1);
            b1 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b1);
            low = Lanes.Load(ref table, 4 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 5 * SignTiles.TileRows);
            a2 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a2);
            b2 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b2);
            low = Lanes.Load(ref table, 6 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 7 * SignTiles.TileRows);
            a3 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a3);
            b3 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b3);
            low = Lanes.Load(ref table, 8 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 9 * SignTiles.TileRows);
            a4 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a4);
            b4 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b4);
            low = Lanes.Load(ref table, 10 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 11 * SignTiles.TileRows);
            a5 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a5);
            b5 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b5);
            low = Lanes.Load(ref table, 12 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 13 * SignTiles.TileRows);
            a6 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a6);
            b6 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b6);
            low = Lanes.Load(ref table, 14 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 15 * SignTiles.TileRows);
            a7 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a7);
            b7 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b7);
            low = Lanes.Load(ref table, 16 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 17 * SignTiles.TileRows);
            a8 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a8);
            b8 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b8);
            low = Lanes.Load(ref table, 18 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 19 * SignTiles.TileRows);
            a9 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a9);
            b9 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b9);
            low = Lanes.Load(ref table, 20 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 21 * SignTiles.TileRows);
            a10 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a10);
            b10 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b10);
            low = Lanes.Load(ref table, 22 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 23 * SignTiles.TileRows);
            a11 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a11);
            b11 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b11);
            table = ref Unsafe.Add(ref table, 12 * WideEntries);
            codes = ref Unsafe.Add(ref codes, GroupCodes);
        }

        Lanes.Store(a0, ref sums, 0 * SignTiles.TileRows);
        Lanes.Store(b0, ref nextSums, 0 * SignTiles.TileRows);
        Lanes.Store(a1, ref sums, 1 * SignTiles.TileRows);
        Lanes.Store(b1, ref nextSums, 1 * SignTiles.TileRows);
        Lanes.Store(a2, ref sums, 2 * SignTiles.TileRows);
        Lanes.Store(b2, ref nextSums, 2 * SignTiles.TileRows);
        Lanes.Store(a3, ref sums, 3 * SignTiles.TileRows);
        Lanes.Store(b3, ref nextSums, 3 * SignTiles.TileRows);
        Lanes.Store(a4, ref sums, 4 * SignTiles.TileRows);
        Lanes.Store(b4, ref nextSums, 4 * SignTiles.TileRows);
        Lanes.Store(a5, ref sums, 5 * SignTiles.TileRows);
        Lanes.Store(b5, ref nextSums, 5 * SignTiles.TileRows);
        Lanes.Store(a6, ref sums, 6 * SignTiles.TileRows);
        Lanes.Store(b6, ref nextSums, 6 * SignTiles.TileRows);
        Lanes.Store(a7, ref sums, 7 * SignTiles.TileRows);
        Lanes.Store(b7, ref nextSums, 7 * SignTiles.TileRows);
        Lanes.Store(a8, ref sums, 8 * SignTiles.TileRows);
        Lanes.Store(b8, ref nextSums, 8 * SignTiles.TileRows);
        Lanes.Store(a9, ref sums, 9 * SignTiles.TileRows);
        Lanes.Store(b9, ref nextSums, 9 * SignTiles.TileRows);
        Lanes.Store(a10, ref sums, 10 * SignTiles.TileRows);
        Lanes.Store(b10, ref nextSums, 10 * SignTiles.TileRows);
        Lanes.Store(a11, ref sums, 11 * SignTiles.TileRows);
        Lanes.Store(b11, ref nextSums, 11 * SignTiles.TileRows);
    }

    /// <summary>4 tokens by 2 row blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add4x2(ref float codes, ref float table, ref float sums, nint next)
    {
        ref var nextSums = ref Unsafe.Add(ref sums, next);
        var a0 = Lanes.Load(ref sums, 0 * SignTiles.TileRows);
        var b0 = Lanes.Load(ref nextSums, 0 * SignTiles.TileRows);
        var a1 = Lanes.Load(ref sums, 1 * SignTiles.TileRows);
        var b1 = Lanes.Load(ref nextSums, 1 * SignTiles.TileRows);
        var a2 = Lanes.Load(ref sums, 2 * SignTiles.TileRows);
        var b2 = Lanes.Load(ref nextSums, 2 * SignTiles.TileRows);
        var a3 = Lanes.Load(ref sums, 3 * SignTiles.TileRows);
        var b3 = Lanes.Load(ref nextSums, 3 * SignTiles.TileRows);
        for (var group = 0; group < Groups; group++)
        {
            var u = Lanes.Load(ref codes, 0).AsInt32();
            var v = Lanes.Load(ref codes, BlockCodes).AsInt32();
            var s = Lanes.Load(ref codes, SignTiles.TileRows);
            var r = Lanes.Load(ref codes, BlockCodes + SignTiles.TileRows);
            var low = Lanes.Load(ref table, 0 * SignTiles.TileRows);
            var high = Lanes.Load(ref table, 1 * SignTiles.TileRows);
            a0 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a0);
            b0 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b0);
            low = Lanes.Load(ref table, 2 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 3 * SignTiles.TileRows);
            a1 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a1);
            b1 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b1);
            low = Lanes.Load(ref table, 4 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 5 * SignTiles.TileRows);
            a2 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a2);
            b2 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b2);
            low = Lanes.Load(ref table, 6 * SignTiles.TileRows);
            high = Lanes.Load(ref table, 7 * SignTiles.TileRows);
            a3 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, u, high), s, a3);
            b3 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32x2(low, v, high), r, b3);
            table = ref Unsafe.Add(ref table, 4 * WideEntries);
            codes = ref Unsafe.Add(ref codes, GroupCodes);
        }

        Lanes.Store(a0, ref sums, 0 * SignTiles.TileRows);
        Lanes.Store(b0, ref nextSums, 0 * SignTiles.TileRows);
        Lanes.Store(a1, ref sums, 1 * SignTiles.TileRows);
        Lanes.Store(b1, ref nextSums, 1 * SignTiles.TileRows);
        Lanes.Store(a2, ref sums, 2 * SignTiles.TileRows);
        Lanes.Store(b2, ref nextSums, 2 * SignTiles.TileRows);
        Lanes.Store(a3, ref sums, 3 * SignTiles.TileRows);
        Lanes.Store(b3, ref nextSums, 3 * SignTiles.TileRows);
    }
}
