using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// AVX2, one token: nibbles are used once, so they stay in registers, and what is read next is fetched meanwhile.
/// </content>
public static partial class FixedSignProduct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void StreamBytes(
        ReadOnlySpan<byte> tiles, int columnTiles, ReadOnlySpan<byte> tables, ReadOnlySpan<float> units, int firstBlock, Span<float> y)
    {
        var sums = stackalloc ushort[SumLength];
        nint blockBytes = (nint)columnTiles * SignTiles.TileBytes;
        fixed (byte* plane = tiles, table = tables)
        {
            for (var row = 0; row < y.Length; row += StreamRows)
            {
                for (var tile = 0; tile < columnTiles; tile += ChunkTiles)
                {
                    var tileCount = Math.Min(ChunkTiles, columnTiles - tile);
                    var entries = table + (tile * GroupsPerTile * SignProduct.TableEntries * Planes);
                    var unit = units[tile / ChunkTiles];
                    var ahead = tile + ChunkTiles < columnTiles ? ChunkTiles * SignTiles.TileBytes : (StreamRows / SignTiles.TileRows * blockBytes) - (tile * SignTiles.TileBytes);
                    for (var pair = row; pair < Math.Min(row + StreamRows, y.Length); pair += PairRows)
                    {
                        var part = y.Slice(pair, Math.Min(PairRows, y.Length - pair));
                        var first = plane + ((firstBlock + (pair / SignTiles.TileRows)) * blockBytes) + (tile * SignTiles.TileBytes);
                        // An odd last block is its own neighbour, whose sums are dropped.
                        StreamPair(first, part.Length > SignTiles.TileRows ? blockBytes : 0, ahead, entries, TablePlane(tileCount), tileCount, sums);
                        Finish(sums, tileCount * GroupsPerTile, unit, part);
                    }
                }
            }
        }
    }

    /// <summary>The bytes of one plane of the tables of a chunk.</summary>
    internal static int TablePlane(int chunkTiles) => chunkTiles * GroupsPerTile * SignProduct.TableEntries;

    /// <summary>
    /// All planes, <paramref name="plane"/> bytes apart, over tiles of a chunk for a pair of row blocks; what is fetched behind the plane
    /// are other weights, or nothing, which does no harm.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static unsafe void StreamPair(byte* first, nint distance, nint ahead, byte* tables, nint plane, int tileCount, ushort* sums)
    {
        Vector256<ushort> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (var tile = 0; tile < tileCount; tile++)
        {
            Sse.Prefetch1(first + ahead);
            Sse.Prefetch1(first + ahead + distance);
            Transpose(first, first + distance, out var i, out var j, out var k, out var l);
            first += SignTiles.TileBytes;
            StreamQuad(i, j, tables, plane, ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
            tables += QuadTables * SignProduct.TableEntries;
            StreamQuad(k, l, tables, plane, ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
            tables += QuadTables * SignProduct.TableEntries;
        }

        Store(sums, a, e);
        Store(sums + (SetPairs * PairRows), b, f);
        Store(sums + (2 * SetPairs * PairRows), c, g);
        Store(sums + (3 * SetPairs * PairRows), d, h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void StreamQuad(
        Vector256<byte> one, Vector256<byte> two, byte* tables, nint plane, ref Vector256<ushort> a, ref Vector256<ushort> b, ref Vector256<ushort> c,
        ref Vector256<ushort> d, ref Vector256<ushort> e, ref Vector256<ushort> f, ref Vector256<ushort> g, ref Vector256<ushort> h)
    {
        var nibble = Vector256.Create((byte)0x0F);
        var (i, j) = (one & nibble, (one.AsUInt16() >> 4).AsByte() & nibble);
        var (k, l) = (two & nibble, (two.AsUInt16() >> 4).AsByte() & nibble);
        StreamPlane(tables, i, j, k, l, ref a, ref e);
        StreamPlane(tables + plane, i, j, k, l, ref b, ref f);
        StreamPlane(tables + (2 * plane), i, j, k, l, ref c, ref g);
        StreamPlane(tables + (3 * plane), i, j, k, l, ref d, ref h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void StreamPlane(
        byte* tables, Vector256<byte> i, Vector256<byte> j, Vector256<byte> k, Vector256<byte> l, ref Vector256<ushort> both, ref Vector256<ushort> upper)
    {
        var sum = Avx2.Shuffle(Table(tables, 0), i) + Avx2.Shuffle(Table(tables, 1), j);
        sum += Avx2.Shuffle(Table(tables, 2), k) + Avx2.Shuffle(Table(tables, 3), l);
        both += sum.AsUInt16();
        // A product with 0 and 1 gives the upper bytes; shifts wait for the units of the shuffles.
        upper += Avx2.MultiplyAddAdjacent(sum, Vector256.Create((short)0x0100).AsSByte()).AsUInt16();
    }
}
