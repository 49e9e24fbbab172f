using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>AVX-512, one token: row blocks are streams, and the next ones are fetched as these are read.</content>
public static partial class SignProduct
{
    /// <summary>1 token by 8 row blocks, one after the other in memory, whose tables lie <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Wide1x8<T>(
        ref byte first, nint blockBytes, nint tileCount, ref T table, nint stride, ref T sums, bool carry)
        where T : unmanaged
    {
        Vector512<T> a = Vector512<T>.Zero, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        if (carry)
        {
            a = Lanes.Load(ref sums, 0);
            b = Lanes.Load(ref sums, SignTiles.TileRows);
            c = Lanes.Load(ref sums, 2 * SignTiles.TileRows);
            d = Lanes.Load(ref sums, 3 * SignTiles.TileRows);
            e = Lanes.Load(ref sums, 4 * SignTiles.TileRows);
            f = Lanes.Load(ref sums, 5 * SignTiles.TileRows);
            g = Lanes.Load(ref sums, 6 * SignTiles.TileRows);
            h = Lanes.Load(ref sums, 7 * SignTiles.TileRows);
        }

        ref var block1 = ref Unsafe.Add(ref first, blockBytes);
        ref var block2 = ref Unsafe.Add(ref block1, blockBytes);
        ref var block3 = ref Unsafe.Add(ref block2, blockBytes);
        ref var block4 = ref Unsafe.Add(ref block3, blockBytes);
        ref var block5 = ref Unsafe.Add(ref block4, blockBytes);
        ref var block6 = ref Unsafe.Add(ref block5, blockBytes);
        ref var block7 = ref Unsafe.Add(ref block6, blockBytes);

        // The same tiles of the next eight row blocks, into the second-level cache: the first holds the tables.
        var ahead = (byte*)Unsafe.AsPointer(ref first) + (8 * blockBytes);
        for (nint at = 0; at < tileCount * SignTiles.TileBytes; at += SignTiles.TileBytes)
        {
            var k = Vector512.LoadUnsafe(ref first, (nuint)at).AsInt32();
            var l = Vector512.LoadUnsafe(ref block1, (nuint)at).AsInt32();
            var m = Vector512.LoadUnsafe(ref block2, (nuint)at).AsInt32();
            var n = Vector512.LoadUnsafe(ref block3, (nuint)at).AsInt32();
            var o = Vector512.LoadUnsafe(ref block4, (nuint)at).AsInt32();
            var p = Vector512.LoadUnsafe(ref block5, (nuint)at).AsInt32();
            var q = Vector512.LoadUnsafe(ref block6, (nuint)at).AsInt32();
            var r = Vector512.LoadUnsafe(ref block7, (nuint)at).AsInt32();
            Sse.Prefetch1(ahead + at);
            Sse.Prefetch1(ahead + at + blockBytes);
            Sse.Prefetch1(ahead + at + (2 * blockBytes));
            Sse.Prefetch1(ahead + at + (3 * blockBytes));
            Sse.Prefetch1(ahead + at + (4 * blockBytes));
            Sse.Prefetch1(ahead + at + (5 * blockBytes));
            Sse.Prefetch1(ahead + at + (6 * blockBytes));
            Sse.Prefetch1(ahead + at + (7 * blockBytes));
            for (var group = 0; group < GroupsPerTile; group++)
            {
                var entries = Lanes.Load(ref table, 0);
                table = ref Unsafe.Add(ref table, stride);
                a += Look(entries, k);
                b += Look(entries, l);
                c += Look(entries, m);
                d += Look(entries, n);
                e += Look(entries, o);
                f += Look(entries, p);
                g += Look(entries, q);
                h += Look(entries, r);
                k = Vector512.ShiftRightLogical(k, GroupColumns);
                l = Vector512.ShiftRightLogical(l, GroupColumns);
                m = Vector512.ShiftRightLogical(m, GroupColumns);
                n = Vector512.ShiftRightLogical(n, GroupColumns);
                o = Vector512.ShiftRightLogical(o, GroupColumns);
                p = Vector512.ShiftRightLogical(p, GroupColumns);
                q = Vector512.ShiftRightLogical(q, GroupColumns);
                r = Vector512.ShiftRightLogical(r, GroupColumns);
            }
        }

        Lanes.Store(a, ref sums, 0);
        Lanes.Store(b, ref sums, SignTiles.TileRows);
        Lanes.Store(c, ref sums, 2 * SignTiles.TileRows);
        Lanes.Store(d, ref sums, 3 * SignTiles.TileRows);
        Lanes.Store(e, ref sums, 4 * SignTiles.TileRows);
        Lanes.Store(f, ref sums, 5 * SignTiles.TileRows);
        Lanes.Store(g, ref sums, 6 * SignTiles.TileRows);
        Lanes.Store(h, ref sums, 7 * SignTiles.TileRows);
    }

    /// <summary>1 token by 4 row blocks, whose tables lie <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Wide1x4<T>(
        ref byte first, ref byte second, ref byte third, ref byte fourth, nint tileCount, ref T table, nint stride,
        ref T sums, bool carry)
        where T : unmanaged
    {
        Vector512<T> a = Vector512<T>.Zero, b = a, c = a, d = a;
        if (carry)
        {
            a = Lanes.Load(ref sums, 0);
            b = Lanes.Load(ref sums, SignTiles.TileRows);
            c = Lanes.Load(ref sums, 2 * SignTiles.TileRows);
            d = Lanes.Load(ref sums, 3 * SignTiles.TileRows);
        }

        // The same tiles of the next four row blocks, into the second-level cache: the first holds the tables.
        var ahead = 4 * Unsafe.ByteOffset(ref first, ref second);
        for (nint at = 0; at < tileCount * SignTiles.TileBytes; at += SignTiles.TileBytes)
        {
            var u = Vector512.LoadUnsafe(ref first, (nuint)at).AsInt32();
            var v = Vector512.LoadUnsafe(ref second, (nuint)at).AsInt32();
            var w = Vector512.LoadUnsafe(ref third, (nuint)at).AsInt32();
            var x = Vector512.LoadUnsafe(ref fourth, (nuint)at).AsInt32();
            Sse.Prefetch1((byte*)Unsafe.AsPointer(ref first) + at + ahead);
            Sse.Prefetch1((byte*)Unsafe.AsPointer(ref second) + at + ahead);
            Sse.Prefetch1((byte*)Unsafe.AsPointer(ref third) + at + ahead);
            Sse.Prefetch1((byte*)Unsafe.AsPointer(ref fourth) + at + ahead);
            for (var group = 0; group < GroupsPerTile; group++)
            {
                var entries = Lanes.Load(ref table, 0);
                table = ref Unsafe.Add(ref table, stride);
                a += Look(entries, u);
                b += Look(entries, v);
                c += Look(entries, w);
                d += Look(entries, x);
                u = Vector512.ShiftRightLogical(u, GroupColumns);
                v = Vector512.ShiftRightLogical(v, GroupColumns);
                w = Vector512.ShiftRightLogical(w, GroupColumns);
                x = Vector512.ShiftRightLogical(x, GroupColumns);
            }
        }

        Lanes.Store(a, ref sums, 0);
        Lanes.Store(b, ref sums, SignTiles.TileRows);
        Lanes.Store(c, ref sums, 2 * SignTiles.TileRows);
        Lanes.Store(d, ref sums, 3 * SignTiles.TileRows);
    }
}
