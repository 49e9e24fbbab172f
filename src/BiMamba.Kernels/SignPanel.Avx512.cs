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

    // Bits that are exclusive-ored with their left neighbour: all but the last of a group, which is the sign.
    private const int PatternBits = 0x1F | (0x1F << 6) | (0x1F << 12) | (0x1F << 18) | (0x1F << 24);

    // A span of the next row blocks lies a row block further, where no machine looks ahead by itself.
    private const int PrefetchedBlocks = 6;

    private static void AddWide(ref byte span, int blockBytes, int blocks, int tokens, ref float table, ref float sums, int stride)
    {
        Add(ref span, blockBytes, blocks / 2, tokens, ref table, ref sums, stride);
        // An odd last block is its own neighbour, whose sums are dropped.
        var paired = blocks / 2 * 2;
        if (paired < blocks)
            Add(ref Unsafe.Add(ref span, (nint)paired * blockBytes), 0, 1, tokens, ref table, ref Unsafe.Add(ref sums, paired * SignTiles.TileRows), stride);
    }

    private static void Add(ref byte span, nint blockBytes, int pairs, int tokens, ref float table, ref float sums, nint stride)
    {
        if (tokens == TileTokens)
            Add12(ref span, blockBytes, pairs, ref table, ref sums, stride);
        else
            Add4(ref span, blockBytes, pairs, ref table, ref sums, stride);
    }

    /// <summary>Table indices in the low 5 bits of every 6, and signs above them; the word behind the last is the rest of all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Patterns(ref byte span, int word)
    {
        Vector512<int> bits;
        if (word < SpanTiles)
        {
            bits = Vector512.LoadUnsafe(ref span, (nuint)(word * SignTiles.TileBytes)).AsInt32();
        }
        else
        {
            bits = Vector512.ShiftRightLogical(Vector512.LoadUnsafe(ref span).AsInt32(), WordGroups * GroupColumns);
            bits |= Vector512.ShiftLeft(Vector512.ShiftRightLogical(Vector512.LoadUnsafe(ref span, SignTiles.TileBytes).AsInt32(), WordGroups * GroupColumns), RestColumns);
            bits |= Vector512.ShiftLeft(Vector512.ShiftRightLogical(Vector512.LoadUnsafe(ref span, 2 * SignTiles.TileBytes).AsInt32(), WordGroups * GroupColumns), 2 * RestColumns);
        }

        return bits ^ (Vector512.ShiftRightLogical(bits, 1) & Vector512.Create(PatternBits));
    }

    /// <summary>-1.0 with its sign turned by the sixth bit, which is set for +.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Signs(Vector512<int> patterns) =>
        ((Vector512.ShiftLeft(patterns, 32 - GroupColumns) & Vector512.Create(int.MinValue)) ^ Vector512.Create(-1f).AsInt32()).AsSingle();

    /// <summary>12 tokens by pairs of row blocks: sums aT of the first, bT of the second, for token T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Add12(ref byte span, nint blockBytes, int pairs, ref float tables, ref float sums, nint stride)
    {
        for (; pairs > 0; pairs--)
        {
            ref var next = ref Unsafe.Add(ref span, blockBytes);
            ref var table = ref tables;
            var a0 = Lanes.Load(ref sums, 0 * stride);
            var a1 = Lanes.Load(ref sums, 1 * stride);
            var a2 = Lanes.Load(ref sums, 2 * stride);
            var a3 = Lanes.Load(ref sums, 3 * stride);
            var a4 = Lanes.Load(ref sums, 4 * stride);
            var a5 = Lanes.Load(ref sums, 5 * stride);
            var a6 = Lanes.Load(ref sums, 6 * stride);
            var a7 = Lanes.Load(ref sums, 7 * stride);
            var a8 = Lanes.Load(ref sums, 8 * stride);
            var a9 = Lanes.Load(ref sums, 9 * stride);
            var a10 = Lanes.Load(ref sums, 10 * stride);
            var a11 = Lanes.Load(ref sums, 11 * stride);
            var b0 = Lanes.Load(ref sums, (0 * stride) + SignTiles.TileRows);
            var b1 = Lanes.Load(ref sums, (1 * stride) + SignTiles.TileRows);
            var b2 = Lanes.Load(ref sums, (2 * stride) + SignTiles.TileRows);
            var b3 = Lanes.Load(ref sums, (3 * stride) + SignTiles.TileRows);
            var b4 = Lanes.Load(ref sums, (4 * stride) + SignTiles.TileRows);
            var b5 = Lanes.Load(ref sums, (5 * stride) + SignTiles.TileRows);
            var b6 = Lanes.Load(ref sums, (6 * stride) + SignTiles.TileRows);
            var b7 = Lanes.Load(ref sums, (7 * stride) + SignTiles.TileRows);
            var b8 = Lanes.Load(ref sums, (8 * stride) + SignTiles.TileRows);
            var b9 = Lanes.Load(ref sums, (9 * stride) + SignTiles.TileRows);
            var b10 = Lanes.Load(ref sums, (10 * stride) + SignTiles.TileRows);
            var b11 = Lanes.Load(ref sums, (11 * stride) + SignTiles.TileRows);
            for (var word = 0; word <= SpanTiles; word++)
            {
                var u = Patterns(ref span, word);
                var v = Patterns(ref next, word);
                Sse.Prefetch0((byte*)Unsafe.AsPointer(ref span) + (PrefetchedBlocks * blockBytes) + (word * SignTiles.TileBytes));
                Sse.Prefetch0((byte*)Unsafe.AsPointer(ref next) + (PrefetchedBlocks * blockBytes) + (word * SignTiles.TileBytes));
                for (var group = word < SpanTiles ? WordGroups : 1; group > 0; group--)
                {
                    var s = Signs(u);
                    var r = Signs(v);
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
                    u = Vector512.ShiftRightLogical(u, GroupColumns);
                    v = Vector512.ShiftRightLogical(v, GroupColumns);
                }
            }

            Lanes.Store(a0, ref sums, 0 * stride);
            Lanes.Store(a1, ref sums, 1 * stride);
            Lanes.Store(a2, ref sums, 2 * stride);
            Lanes.Store(a3, ref sums, 3 * stride);
            Lanes.Store(a4, ref sums, 4 * stride);
            Lanes.Store(a5, ref sums, 5 * stride);
            Lanes.Store(a6, ref sums, 6 * stride);
            Lanes.Store(a7, ref sums, 7 * stride);
            Lanes.Store(a8, ref sums, 8 * stride);
            Lanes.Store(a9, ref sums, 9 * stride);
            Lanes.Store(a10, ref sums, 10 * stride);
            Lanes.Store(a11, ref sums, 11 * stride);
            Lanes.Store(b0, ref sums, (0 * stride) + SignTiles.TileRows);
            Lanes.Store(b1, ref sums, (1 * stride) + SignTiles.TileRows);
            Lanes.Store(b2, ref sums, (2 * stride) + SignTiles.TileRows);
            Lanes.Store(b3, ref sums, (3 * stride) + SignTiles.TileRows);
            Lanes.Store(b4, ref sums, (4 * stride) + SignTiles.TileRows);
            Lanes.Store(b5, ref sums, (5 * stride) + SignTiles.TileRows);
            Lanes.Store(b6, ref sums, (6 * stride) + SignTiles.TileRows);
            Lanes.Store(b7, ref sums, (7 * stride) + SignTiles.TileRows);
            Lanes.Store(b8, ref sums, (8 * stride) + SignTiles.TileRows);
            Lanes.Store(b9, ref sums, (9 * stride) + SignTiles.TileRows);
            Lanes.Store(b10, ref sums, (10 * stride) + SignTiles.TileRows);
            Lanes.Store(b11, ref sums, (11 * stride) + SignTiles.TileRows);
            sums = ref Unsafe.Add(ref sums, 2 * SignTiles.TileRows);
            span = ref Unsafe.Add(ref next, blockBytes);
        }
    }

    /// <summary>4 tokens by pairs of row blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Add4(ref byte span, nint blockBytes, int pairs, ref float tables, ref float sums, nint stride)
    {
        for (; pairs > 0; pairs--)
        {
            ref var next = ref Unsafe.Add(ref span, blockBytes);
            ref var table = ref tables;
            var a0 = Lanes.Load(ref sums, 0 * stride);
            var a1 = Lanes.Load(ref sums, 1 * stride);
            var a2 = Lanes.Load(ref sums, 2 * stride);
            var a3 = Lanes.Load(ref sums, 3 * stride);
            var b0 = Lanes.Load(ref sums, (0 * stride) + SignTiles.TileRows);
            var b1 = Lanes.Load(ref sums, (1 * stride) + SignTiles.TileRows);
            var b2 = Lanes.Load(ref sums, (2 * stride) + SignTiles.TileRows);
            var b3 = Lanes.Load(ref sums, (3 * stride) + SignTiles.TileRows);
            for (var word = 0; word <= SpanTiles; word++)
            {
                var u = Patterns(ref span, word);
                var v = Patterns(ref next, word);
                Sse.Prefetch0((byte*)Unsafe.AsPointer(ref span) + (PrefetchedBlocks * blockBytes) + (word * SignTiles.TileBytes));
                Sse.Prefetch0((byte*)Unsafe.AsPointer(ref next) + (PrefetchedBlocks * blockBytes) + (word * SignTiles.TileBytes));
                for (var group = word < SpanTiles ? WordGroups : 1; group > 0; group--)
                {
                    var s = Signs(u);
                    var r = Signs(v);
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
                    u = Vector512.ShiftRightLogical(u, GroupColumns);
                    v = Vector512.ShiftRightLogical(v, GroupColumns);
                }
            }

            Lanes.Store(a0, ref sums, 0 * stride);
            Lanes.Store(a1, ref sums, 1 * stride);
            Lanes.Store(a2, ref sums, 2 * stride);
            Lanes.Store(a3, ref sums, 3 * stride);
            Lanes.Store(b0, ref sums, (0 * stride) + SignTiles.TileRows);
            Lanes.Store(b1, ref sums, (1 * stride) + SignTiles.TileRows);
            Lanes.Store(b2, ref sums, (2 * stride) + SignTiles.TileRows);
            Lanes.Store(b3, ref sums, (3 * stride) + SignTiles.TileRows);
            sums = ref Unsafe.Add(ref sums, 2 * SignTiles.TileRows);
            span = ref Unsafe.Add(ref next, blockBytes);
        }
    }
}
