using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// AVX2: lanes are the bytes of 32 rows, two row blocks. The nibbles of a chunk are brought into that order once for all
/// tokens; then a byte shuffle looks one plane of 32 partial sums up. Four such bytes of 6 bits are added as bytes, and
/// these go into 16-bit sums of pairs of bytes and of the upper ones, from which the sums of lower bytes follow.
/// </content>
public static partial class FixedSignProduct
{
    internal const int PairRows = 2 * SignTiles.TileRows;
    internal const int SetPairs = 4;
    private const int SetBlocks = 2 * SetPairs;
    internal const int QuadTables = 4;
    internal const int QuadsPerTile = GroupsPerTile / QuadTables;
    private const int QuadBytes = QuadTables * PairRows;

    // The indices of a set of row blocks, which the four planes of every token read from the first-level cache.
    private const int IndexBytes = SetPairs * ChunkTiles * QuadsPerTile * QuadBytes;

    // For every plane and pair of row blocks the sums of pairs of bytes and of the upper ones.
    internal const int SumLength = Planes * SetPairs * PairRows;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddBytes(
        ReadOnlySpan<byte> tiles, int columnTiles, int firstTile, int tileCount, ReadOnlySpan<byte> tables, ReadOnlySpan<float> units, int firstBlock,
        MutableRows y, Span<byte> scratch)
    {
        var sums = stackalloc ushort[SumLength];
        nint blockBytes = (nint)columnTiles * SignTiles.TileBytes;
        var blocks = SignTiles.RowBlocks(y.Width);
        var planeBytes = tileCount * QuadsPerTile * QuadTables * SignProduct.TableEntries;
        fixed (byte* plane = tiles, table = tables, indices = scratch)
        {
            for (var block = 0; block < blocks;)
            {
                var left = blocks - block;
                var pairs = left > (SetPairs - 1) * 2 ? SetPairs : 1;
                var first = plane + ((firstBlock + block) * blockBytes) + (firstTile * SignTiles.TileBytes);
                for (var pair = 0; pair < pairs; pair++)
                {
                    // An odd last block is its own neighbour, whose sums are dropped.
                    var one = first + (2 * pair * blockBytes);
                    Arrange(one, left > (2 * pair) + 1 ? one + blockBytes : one, tileCount, indices + (pair * QuadBytes), pairs * QuadBytes);
                }

                for (var t = 0; t < y.Count; t++)
                {
                    for (var p = 0; p < Planes; p++)
                    {
                        var entries = table + (((t * Planes) + p) * planeBytes);
                        var target = sums + (p * SetPairs * PairRows);
                        if (pairs == 1)
                            Add1(entries, indices, tileCount, target);
                        else
                            Add4(entries, indices, tileCount, target);
                    }

                    for (var pair = 0; pair < pairs; pair++)
                    {
                        var row = (block * SignTiles.TileRows) + (pair * PairRows);
                        Finish(sums + (pair * PairRows), tileCount * GroupsPerTile, units[t], y[t].Slice(row, Math.Min(PairRows, y.Width - row)));
                    }
                }

                block += 2 * pairs;
            }
        }
    }

    /// <summary>
    /// The nibbles of two row blocks: [quad][group of 4 columns][row], a byte each, quads <paramref name="stride"/> apart. Rows
    /// come in the order 0-3, 8-11, 16-19, 24-27 and 4 more than these.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Arrange(byte* first, byte* second, int tileCount, byte* indices, nint stride)
    {
        var nibble = Vector256.Create((byte)0x0F);
        for (var tile = 0; tile < tileCount; tile++)
        {
            Transpose(first, second, out var i, out var j, out var k, out var l);
            first += SignTiles.TileBytes;
            second += SignTiles.TileBytes;
            Store(indices, i, nibble);
            Store(indices + (2 * PairRows), j, nibble);
            indices += stride;
            Store(indices, k, nibble);
            Store(indices + (2 * PairRows), l, nibble);
            indices += stride;
        }
    }

    /// <summary>The tiles of two row blocks by bytes: of every row the first byte, the second, the third, the fourth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Transpose(
        byte* first, byte* second, out Vector256<byte> i, out Vector256<byte> j, out Vector256<byte> k, out Vector256<byte> l)
    {
        const int HalfTile = SignTiles.TileBytes / 2;
        var a = Avx2.Shuffle(Vector256.Load(first), ByPlane).AsInt32();
        var b = Avx2.Shuffle(Vector256.Load(first + HalfTile), ByPlane).AsInt32();
        var c = Avx2.Shuffle(Vector256.Load(second), ByPlane).AsInt32();
        var d = Avx2.Shuffle(Vector256.Load(second + HalfTile), ByPlane).AsInt32();
        var (ab, cd) = (Avx2.UnpackLow(a, b).AsInt64(), Avx2.UnpackLow(c, d).AsInt64());
        (i, j) = (Avx2.UnpackLow(ab, cd).AsByte(), Avx2.UnpackHigh(ab, cd).AsByte());
        (ab, cd) = (Avx2.UnpackHigh(a, b).AsInt64(), Avx2.UnpackHigh(c, d).AsInt64());
        (k, l) = (Avx2.UnpackLow(ab, cd).AsByte(), Avx2.UnpackHigh(ab, cd).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Store(byte* indices, Vector256<byte> bytes, Vector256<byte> nibble)
    {
        (bytes & nibble).Store(indices);
        ((bytes.AsUInt16() >> 4).AsByte() & nibble).Store(indices + PairRows);
    }

    /// <summary>One plane over a chunk for four pairs of row blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Add4(byte* tables, byte* indices, int tileCount, ushort* sums)
    {
        Vector256<ushort> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (var quad = 0; quad < tileCount * QuadsPerTile; quad++)
        {
            AddQuad4(tables, indices, ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
            tables += QuadTables * SignProduct.TableEntries;
            indices += SetPairs * QuadBytes;
        }

        Store(sums, a, e);
        Store(sums + PairRows, b, f);
        Store(sums + (2 * PairRows), c, g);
        Store(sums + (3 * PairRows), d, h);
    }

    /// <summary>One plane over a chunk for one pair of row blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Add1(byte* tables, byte* indices, int tileCount, ushort* sums)
    {
        Vector256<ushort> both = default, upper = default;
        for (var quad = 0; quad < tileCount * QuadsPerTile; quad++)
        {
            var (s, t, u, v) = (Table(tables, 0), Table(tables, 1), Table(tables, 2), Table(tables, 3));
            AddQuad(s, t, u, v, indices, ref both, ref upper);
            tables += QuadTables * SignProduct.TableEntries;
            indices += QuadBytes;
        }

        Store(sums, both, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void AddQuad4(
        byte* tables, byte* indices, ref Vector256<ushort> a, ref Vector256<ushort> b, ref Vector256<ushort> c, ref Vector256<ushort> d,
        ref Vector256<ushort> e, ref Vector256<ushort> f, ref Vector256<ushort> g, ref Vector256<ushort> h)
    {
        var (s, t, u, v) = (Table(tables, 0), Table(tables, 1), Table(tables, 2), Table(tables, 3));
        AddQuad(s, t, u, v, indices, ref a, ref e);
        AddQuad(s, t, u, v, indices + QuadBytes, ref b, ref f);
        AddQuad(s, t, u, v, indices + (2 * QuadBytes), ref c, ref g);
        AddQuad(s, t, u, v, indices + (3 * QuadBytes), ref d, ref h);
    }

    /// <summary>Four groups of 4 columns of one plane and one pair of row blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void AddQuad(
        Vector256<byte> s, Vector256<byte> t, Vector256<byte> u, Vector256<byte> v, byte* indices, ref Vector256<ushort> both, ref Vector256<ushort> upper)
    {
        // At most 4 * 63, so that bytes do not overflow; nor do the upper ones over a chunk.
        var sum = Avx2.Shuffle(s, Vector256.Load(indices)) + Avx2.Shuffle(t, Vector256.Load(indices + PairRows));
        sum += Avx2.Shuffle(u, Vector256.Load(indices + (2 * PairRows))) + Avx2.Shuffle(v, Vector256.Load(indices + (3 * PairRows)));
        both += sum.AsUInt16();
        upper += sum.AsUInt16() >> 8;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<byte> Table(byte* tables, int index) => Avx2.BroadcastVector128ToVector256(tables + (index * SignProduct.TableEntries));

    private static unsafe void Store(ushort* sums, Vector256<ushort> both, Vector256<ushort> upper)
    {
        both.Store(sums);
        upper.Store(sums + Vector256<ushort>.Count);
    }

    /// <summary>Adds the sums of a chunk to the results of up to 32 rows.</summary>
    private static unsafe void Finish(ushort* sums, int groups, float unit, Span<float> y)
    {
        if (y.Length == PairRows)
        {
            Finish(sums, groups, unit, ref MemoryMarshal.GetReference(y));
            return;
        }

        Span<float> spill = stackalloc float[PairRows];
        y.CopyTo(spill);
        Finish(sums, groups, unit, ref MemoryMarshal.GetReference(spill));
        spill[..y.Length].CopyTo(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Finish(ushort* sums, int groups, float unit, ref float y)
    {
        var (lowA, lowB) = Combine(sums, isUpper: false);
        var (highA, highB) = Combine(sums, isUpper: true);
        var bias = Vector256.Create(groups * Bias);
        var factor = Vector256.Create(unit);
        Add(ref y, 0, Avx2.UnpackLow(lowA, highA) - bias, factor);
        Add(ref y, 8, Avx2.UnpackHigh(lowA, highA) - bias, factor);
        Add(ref y, 16, Avx2.UnpackLow(lowB, highB) - bias, factor);
        Add(ref y, 24, Avx2.UnpackHigh(lowB, highB) - bias, factor);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref float y, nuint row, Vector256<int> sum, Vector256<float> unit) =>
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sum), unit, Vector256.LoadUnsafe(ref y, row)).StoreUnsafe(ref y, row);

    /// <summary>The sums of the rows in lower or upper bytes over all planes, modulo 2^32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe (Vector256<int> A, Vector256<int> B) Combine(ushort* sums, bool isUpper)
    {
        var weights = Vector256.Create((1 << PlaneBits << 16) | 1).AsInt16();
        var (p0, p1) = (Plane(sums, 0, isUpper), Plane(sums, 1, isUpper));
        var (p2, p3) = (Plane(sums, 2, isUpper), Plane(sums, 3, isUpper));
        var a = Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(p0, p1), weights);
        var b = Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(p0, p1), weights);
        a += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(p2, p3), weights) << (2 * PlaneBits);
        b += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(p2, p3), weights) << (2 * PlaneBits);
        return (a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe Vector256<short> Plane(ushort* sums, int plane, bool isUpper)
    {
        var both = Vector256.Load(sums + (plane * SetPairs * PairRows));
        var upper = Vector256.Load(sums + (plane * SetPairs * PairRows) + Vector256<ushort>.Count);
        return (isUpper ? upper : both - (upper << 8)).AsInt16();
    }
}
