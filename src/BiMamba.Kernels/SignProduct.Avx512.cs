using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// AVX-512: the table of a group is one register, a row block another. Blocks of 2 row blocks by 8 or 4 tokens use each
/// table twice; 1 token takes 8 row blocks, whose streams and chains of additions hide each other's latency, and 4 at
/// the end.
/// </content>
public static partial class SignProduct
{
    // How far ahead of use the plane is prefetched, in bytes of one row block.
    private const int PrefetchDistance = 8 * SignTiles.TileBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AccumulateWide<T>(
        ReadOnlySpan<byte> tiles, int columnTiles, int firstTile, int tileCount, ReadOnlySpan<T> tables, int firstBlock, Sums<T> y)
        where T : unmanaged
    {
        const int MostBlocks = 4;
        Span<T> spill = stackalloc T[TileTokens * MostBlocks * SignTiles.TileRows];
        ref var table = ref MemoryMarshal.GetReference(tables);
        var paired = y.Count is TileTokens or TileTokens / 2;
        var blockRows = (paired ? 2 : MostBlocks) * SignTiles.TileRows;
        nint blockBytes = (nint)columnTiles * SignTiles.TileBytes;
        var row = 0;
        for (; !paired && row <= y.Width - (2 * blockRows); row += 2 * blockRows)
        {
            ref var eight = ref Unsafe.Add(
                ref MemoryMarshal.GetReference(tiles),
                ((firstBlock + (row / SignTiles.TileRows)) * blockBytes) + ((nint)firstTile * SignTiles.TileBytes));
            for (var t = 0; t < y.Count; t++)
            {
                Wide1x8(
                    ref eight, blockBytes, tileCount, ref Unsafe.Add(ref table, t * TableEntries), y.Count * TableEntries,
                    ref Unsafe.Add(ref MemoryMarshal.GetReference(y.Values), ((nint)t * y.Stride) + row), y.Carry);
            }
        }

        for (; row < y.Width; row += blockRows)
        {
            ref var words = ref Unsafe.Add(
                ref MemoryMarshal.GetReference(tiles),
                ((firstBlock + (row / SignTiles.TileRows)) * blockBytes) + ((nint)firstTile * SignTiles.TileBytes));

            // A block that reaches beyond the rows works in the spill and reads its last existing row block again.
            var valid = Math.Min(blockRows, y.Width - row);
            var last = SignTiles.RowBlocks(valid) - 1;
            scoped ref var sums = ref Unsafe.Add(ref MemoryMarshal.GetReference(y.Values), row);
            nint stride = y.Stride;
            if (valid < blockRows)
            {
                for (var t = 0; t < y.Count; t++)
                    y[t].Slice(row, valid).CopyTo(spill[(t * blockRows)..]);
                sums = ref MemoryMarshal.GetReference(spill);
                stride = blockRows;
            }

            ref var second = ref Unsafe.Add(ref words, Math.Min(last, 1) * blockBytes);
            if (y.Count == TileTokens)
            {
                Wide8x2(ref words, ref second, tileCount, ref table, ref sums, stride, y.Carry);
            }
            else if (y.Count == TileTokens / 2)
            {
                Wide4x2(ref words, ref second, tileCount, ref table, ref sums, stride, y.Carry);
            }
            else
            {
                ref var third = ref Unsafe.Add(ref words, Math.Min(last, 2) * blockBytes);
                ref var fourth = ref Unsafe.Add(ref words, Math.Min(last, 3) * blockBytes);
                for (var t = 0; t < y.Count; t++)
                {
                    Wide1x4(
                        ref words, ref second, ref third, ref fourth, tileCount, ref Unsafe.Add(ref table, t * TableEntries),
                        y.Count * TableEntries, ref Unsafe.Add(ref sums, t * stride), y.Carry);
                }
            }

            for (var t = 0; valid < blockRows && t < y.Count; t++)
                spill.Slice(t * blockRows, valid).CopyTo(y[t][row..]);
        }
    }

    /// <summary>8 tokens by 2 row blocks. Sums aT of the first block, bT of the second, for token T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Wide8x2<T>(
        ref byte first, ref byte second, nint tileCount, ref T table, ref T sums, nint stride, bool carry)
        where T : unmanaged
    {
        Vector512<T> a0 = Vector512<T>.Zero, a1 = Vector512<T>.Zero, a2 = Vector512<T>.Zero, a3 = Vector512<T>.Zero;
        Vector512<T> a4 = Vector512<T>.Zero, a5 = Vector512<T>.Zero, a6 = Vector512<T>.Zero, a7 = Vector512<T>.Zero;
        Vector512<T> b0 = Vector512<T>.Zero, b1 = Vector512<T>.Zero, b2 = Vector512<T>.Zero, b3 = Vector512<T>.Zero;
        Vector512<T> b4 = Vector512<T>.Zero, b5 = Vector512<T>.Zero, b6 = Vector512<T>.Zero, b7 = Vector512<T>.Zero;
        if (carry)
        {
            a0 = Lanes.Load(ref sums, 0);
            b0 = Lanes.Load(ref sums, SignTiles.TileRows);
            a1 = Lanes.Load(ref sums, stride);
            b1 = Lanes.Load(ref sums, stride + SignTiles.TileRows);
            a2 = Lanes.Load(ref sums, 2 * stride);
            b2 = Lanes.Load(ref sums, (2 * stride) + SignTiles.TileRows);
            a3 = Lanes.Load(ref sums, 3 * stride);
            b3 = Lanes.Load(ref sums, (3 * stride) + SignTiles.TileRows);
            a4 = Lanes.Load(ref sums, 4 * stride);
            b4 = Lanes.Load(ref sums, (4 * stride) + SignTiles.TileRows);
            a5 = Lanes.Load(ref sums, 5 * stride);
            b5 = Lanes.Load(ref sums, (5 * stride) + SignTiles.TileRows);
            a6 = Lanes.Load(ref sums, 6 * stride);
            b6 = Lanes.Load(ref sums, (6 * stride) + SignTiles.TileRows);
            a7 = Lanes.Load(ref sums, 7 * stride);
            b7 = Lanes.Load(ref sums, (7 * stride) + SignTiles.TileRows);
        }

        for (nint tile = 0; tile < tileCount; tile++)
        {
            var u = Vector512.LoadUnsafe(ref first).AsInt32();
            var v = Vector512.LoadUnsafe(ref second).AsInt32();
            Sse.Prefetch0((byte*)Unsafe.AsPointer(ref first) + PrefetchDistance);
            Sse.Prefetch0((byte*)Unsafe.AsPointer(ref second) + PrefetchDistance);
            first = ref Unsafe.Add(ref first, SignTiles.TileBytes);
            second = ref Unsafe.Add(ref second, SignTiles.TileBytes);
            for (var group = 0; group < GroupsPerTile; group++)
            {
                var entries = Lanes.Load(ref table, 0);
                a0 += Look(entries, u);
                b0 += Look(entries, v);
                entries = Lanes.Load(ref table, TableEntries);
                a1 += Look(entries, u);
                b1 += Look(entries, v);
                entries = Lanes.Load(ref table, 2 * TableEntries);
                a2 += Look(entries, u);
                b2 += Look(entries, v);
                entries = Lanes.Load(ref table, 3 * TableEntries);
                a3 += Look(entries, u);
                b3 += Look(entries, v);
                entries = Lanes.Load(ref table, 4 * TableEntries);
                a4 += Look(entries, u);
                b4 += Look(entries, v);
                entries = Lanes.Load(ref table, 5 * TableEntries);
                a5 += Look(entries, u);
                b5 += Look(entries, v);
                entries = Lanes.Load(ref table, 6 * TableEntries);
                a6 += Look(entries, u);
                b6 += Look(entries, v);
                entries = Lanes.Load(ref table, 7 * TableEntries);
                a7 += Look(entries, u);
                b7 += Look(entries, v);
                table = ref Unsafe.Add(ref table, 8 * TableEntries);
                u = Vector512.ShiftRightLogical(u, GroupColumns);
                v = Vector512.ShiftRightLogical(v, GroupColumns);
            }
        }

        Lanes.Store(a0, ref sums, 0);
        Lanes.Store(b0, ref sums, SignTiles.TileRows);
        Lanes.Store(a1, ref sums, stride);
        Lanes.Store(b1, ref sums, stride + SignTiles.TileRows);
        Lanes.Store(a2, ref sums, 2 * stride);
        Lanes.Store(b2, ref sums, (2 * stride) + SignTiles.TileRows);
        Lanes.Store(a3, ref sums, 3 * stride);
        Lanes.Store(b3, ref sums, (3 * stride) + SignTiles.TileRows);
        Lanes.Store(a4, ref sums, 4 * stride);
        Lanes.Store(b4, ref sums, (4 * stride) + SignTiles.TileRows);
        Lanes.Store(a5, ref sums, 5 * stride);
        Lanes.Store(b5, ref sums, (5 * stride) + SignTiles.TileRows);
        Lanes.Store(a6, ref sums, 6 * stride);
        Lanes.Store(b6, ref sums, (6 * stride) + SignTiles.TileRows);
        Lanes.Store(a7, ref sums, 7 * stride);
        Lanes.Store(b7, ref sums, (7 * stride) + SignTiles.TileRows);
    }

    /// <summary>4 tokens by 2 row blocks. Sums aT of the first block, bT of the second, for token T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Wide4x2<T>(
        ref byte first, ref byte second, nint tileCount, ref T table, ref T sums, nint stride, bool carry)
        where T : unmanaged
    {
        Vector512<T> a0 = Vector512<T>.Zero, a1 = Vector512<T>.Zero, a2 = Vector512<T>.Zero, a3 = Vector512<T>.Zero;
        Vector512<T> b0 = Vector512<T>.Zero, b1 = Vector512<T>.Zero, b2 = Vector512<T>.Zero, b3 = Vector512<T>.Zero;
        if (carry)
        {
            a0 = Lanes.Load(ref sums, 0);
            b0 = Lanes.Load(ref sums, SignTiles.TileRows);
            a1 = Lanes.Load(ref sums, stride);
            b1 = Lanes.Load(ref sums, stride + SignTiles.TileRows);
            a2 = Lanes.Load(ref sums, 2 * stride);
            b2 = Lanes.Load(ref sums, (2 * stride) + SignTiles.TileRows);
            a3 = Lanes.Load(ref sums, 3 * stride);
            b3 = Lanes.Load(ref sums, (3 * stride) + SignTiles.TileRows);
        }

        for (nint tile = 0; tile < tileCount; tile++)
        {
            var u = Vector512.LoadUnsafe(ref first).AsInt32();
            var v = Vector512.LoadUnsafe(ref second).AsInt32();
            Sse.Prefetch0((byte*)Unsafe.AsPointer(ref first) + PrefetchDistance);
            Sse.Prefetch0((byte*)Unsafe.AsPointer(ref second) + PrefetchDistance);
            first = ref Unsafe.Add(ref first, SignTiles.TileBytes);
            second = ref Unsafe.Add(ref second, SignTiles.TileBytes);
            for (var group = 0; group < GroupsPerTile; group++)
            {
                var entries = Lanes.Load(ref table, 0);
                a0 += Look(entries, u);
                b0 += Look(entries, v);
                entries = Lanes.Load(ref table, TableEntries);
                a1 += Look(entries, u);
                b1 += Look(entries, v);
                entries = Lanes.Load(ref table, 2 * TableEntries);
                a2 += Look(entries, u);
                b2 += Look(entries, v);
                entries = Lanes.Load(ref table, 3 * TableEntries);
                a3 += Look(entries, u);
                b3 += Look(entries, v);
                table = ref Unsafe.Add(ref table, 4 * TableEntries);
                u = Vector512.ShiftRightLogical(u, GroupColumns);
                v = Vector512.ShiftRightLogical(v, GroupColumns);
            }
        }

        Lanes.Store(a0, ref sums, 0);
        Lanes.Store(b0, ref sums, SignTiles.TileRows);
        Lanes.Store(a1, ref sums, stride);
        Lanes.Store(b1, ref sums, stride + SignTiles.TileRows);
        Lanes.Store(a2, ref sums, 2 * stride);
        Lanes.Store(b2, ref sums, (2 * stride) + SignTiles.TileRows);
        Lanes.Store(a3, ref sums, 3 * stride);
        Lanes.Store(b3, ref sums, (3 * stride) + SignTiles.TileRows);
    }

    /// <summary>The entries that the low 4 bits of the words name.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Look<T>(Vector512<T> entries, Vector512<int> words) => Avx512F.IsSupported
        ? Avx512F.PermuteVar16x32(entries.AsInt32(), words).As<int, T>()
        : Vector512.Shuffle(entries.AsInt32(), words & Vector512.Create(TableEntries - 1)).As<int, T>();
}
