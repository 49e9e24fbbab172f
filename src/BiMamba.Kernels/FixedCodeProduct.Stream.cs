using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// One token: with S the sums of +-q by the bits of a plane, I is half of the sum of 2^k * (S of plane k + X). Some rows go over all
/// chunks before the next ones, so that the tables of a chunk stay in the first-level cache.
/// </content>
public static partial class FixedCodeProduct
{
    private const int PairRows = FixedSignProduct.PairRows;

    // Of 32 rows in the order of the bytes: what planes 0 and 1 of the tables give, then what 2 and 3 give.
    private const int DigitWords = 2 * PairRows;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void StreamBytes(
        ReadOnlySpan<byte> planes, int bits, ReadOnlySpan<float> tables, CodeScales scales, int firstBlock, Span<float> y)
    {
        var columns = scales.Columns;
        var pieces = new Pieces(columns, scales.Group);
        var units = tables[FixedSignProduct.TableFloats(SignTiles.ColumnTiles(columns))..];
        var sums = MemoryMarshal.Cast<float, int>(tables[FixedSignProduct.TableLength(columns)..]);
        var factors = new BlockScales(stackalloc float[PairRows], stackalloc int[PairRows]);
        y.Clear();
        for (var row = 0; row < y.Length; row += FixedSignProduct.StreamRows)
        {
            var piece = 0;
            for (var chunk = 0; chunk < columns; chunk += ChunkColumns)
            {
                var end = Math.Min(columns, chunk + ChunkColumns);
                var count = pieces.Count(chunk, end);
                var unit = units[chunk / ChunkColumns];
                for (var pair = row; pair < Math.Min(row + FixedSignProduct.StreamRows, y.Length); pair += PairRows)
                {
                    var part = y.Slice(pair, Math.Min(PairRows, y.Length - pair));
                    AddPair(
                        planes, bits, MemoryMarshal.AsBytes(tables), scales, chunk, end, firstBlock + (pair / SignTiles.TileRows), factors,
                        sums.Slice(piece, count), unit, part);
                }

                piece += count;
            }
        }
    }

    /// <summary>The pieces of a chunk for a pair of row blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddPair(
        ReadOnlySpan<byte> planes, int bits, ReadOnlySpan<byte> tables, CodeScales scales, int chunk, int chunkEnd, int block, BlockScales factors,
        ReadOnlySpan<int> sums, float unit, Span<float> y)
    {
        var lookups = stackalloc ushort[FixedSignProduct.SumLength];
        var digits = stackalloc int[DigitWords];
        var pieces = new Pieces(scales.Columns, scales.Group);
        var blockBytes = (nint)SignTiles.BlockBytes(scales.Columns);
        nint planeBytes = planes.Length / bits;
        var (firstTile, chunkTiles) = (chunk / SignTiles.TileColumns, SignTiles.ColumnTiles(chunkEnd - chunk));
        var tablePlane = FixedSignProduct.TablePlane(chunkTiles);

        // The same rows in the next chunk, or the first chunk of the next rows.
        var ahead = chunkEnd < scales.Columns
            ? FixedSignProduct.ChunkTiles * SignTiles.TileBytes
            : (FixedSignProduct.StreamRows / SignTiles.TileRows * blockBytes) - (firstTile * SignTiles.TileBytes);
        fixed (byte* plane = planes, table = tables)
        {
            var entries = table + (firstTile * FixedSignProduct.TablePlane(1) * FixedSignProduct.Planes);
            var piece = 0;
            for (int column = chunk, end; column < chunkEnd; column = end)
            {
                end = pieces.End(column);
                var (tile, tiles) = (column / SignTiles.TileColumns, SignTiles.ColumnTiles(end - column));
                var first = plane + (block * blockBytes) + (tile * SignTiles.TileBytes);
                new Span<int>(digits, DigitWords).Clear();
                for (var k = 0; k < bits; k++)
                {
                    // An odd last block is its own neighbour, whose sums are dropped.
                    FixedSignProduct.StreamPair(
                        first + (k * planeBytes), y.Length > SignTiles.TileRows ? blockBytes : 0, ahead,
                        entries + ((tile - firstTile) * FixedSignProduct.TablePlane(1)), tablePlane, tiles, lookups);
                    AddDigits(lookups, 1 << k, digits);
                }

                factors.Load(scales, bits, block * SignTiles.TileRows, y.Length, pieces.Group(column));
                FinishPair(digits, bits, tiles, sums[piece++], unit, factors, y);
            }
        }
    }

    /// <summary>Adds the sums of a plane of bits: of all planes at most 255 * 128 * 63 * 65, which is below 2^27.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddDigits(ushort* sums, int weight, int* digits)
    {
        var weights = Vector256.Create((weight << FixedSignProduct.PlaneBits << 16) | weight).AsInt16();
        Add(false, digits);
        Add(true, digits + (2 * Vector256<int>.Count));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Add(bool isUpper, int* target)
        {
            var (p0, p1) = (FixedSignProduct.Plane(sums, 0, isUpper), FixedSignProduct.Plane(sums, 1, isUpper));
            var (p2, p3) = (FixedSignProduct.Plane(sums, 2, isUpper), FixedSignProduct.Plane(sums, 3, isUpper));
            AddTo(target, Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(p0, p1), weights));
            AddTo(target + Vector256<int>.Count, Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(p0, p1), weights));
            AddTo(target + PairRows, Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(p2, p3), weights));
            AddTo(target + PairRows + Vector256<int>.Count, Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(p2, p3), weights));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void AddTo(int* sums, Vector256<int> value) => (Vector256.Load(sums) + value).Store(sums);

    /// <summary>Adds a piece to the results of up to 32 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void FinishPair(int* digits, int bits, int tiles, int x, float unit, BlockScales factors, Span<float> y)
    {
        Span<float> spill = stackalloc float[PairRows];
        var isWhole = y.Length == PairRows;
        if (!isWhole)
            y.CopyTo(spill);
        ref var target = ref MemoryMarshal.GetReference(isWhole ? y : spill);

        // Tables hold positive numbers: what makes them so is taken away, and a bit is half of its sign and 1.
        var planes = (1 << bits) - 1;
        var start = planes * (x - ((double)tiles * FixedSignProduct.GroupsPerTile * FixedSignProduct.Bias)) / 2;
        const double High = (1 << (2 * FixedSignProduct.PlaneBits)) / 2.0;
        for (var row = 0; row < PairRows; row += Eight)
        {
            var (low, high) = (Order(digits, row), Order(digits + PairRows, row));
            var factor = Vector256.Create<float>(factors.Scale[row..]) * unit;
            Finish(high, High, low, 0.5, start, Vector256.Create<int>(factors.Zero[row..]), x, factor, ref Unsafe.Add(ref target, row));
        }

        if (!isWhole)
            spill[..y.Length].CopyTo(y);
    }

    /// <summary>Eight rows of 32 whose sums lie as the bytes of two row blocks do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<int> Order(int* digits, int row)
    {
        var place = digits + (row / (2 * Eight) * Vector256<int>.Count);
        var (lower, upper) = (Vector256.Load(place), Vector256.Load(place + (2 * Vector256<int>.Count)));
        return row % (2 * Eight) == 0 ? Avx2.UnpackLow(lower, upper) : Avx2.UnpackHigh(lower, upper);
    }

    /// <summary>The form that looks 32-bit partial sums up.</summary>
    private static void StreamWords(
        ReadOnlySpan<byte> planes, int bits, ReadOnlySpan<float> tables, CodeScales scales, int firstBlock, Span<float> y)
    {
        y.Clear();
        Span<int> signs = stackalloc int[FixedSignProduct.StreamRows];
        Span<long> sums = stackalloc long[FixedSignProduct.StreamRows];
        for (var row = 0; row < y.Length; row += FixedSignProduct.StreamRows)
        {
            var part = y.Slice(row, Math.Min(FixedSignProduct.StreamRows, y.Length - row));
            AddWords(planes, bits, tables, scales, firstBlock + (row / SignTiles.TileRows), signs[..part.Length], sums[..part.Length], part);
        }
    }

    private static void AddWords(
        ReadOnlySpan<byte> planes, int bits, ReadOnlySpan<float> tables, CodeScales scales, int block, Span<int> signs, Span<long> sums, Span<float> y)
    {
        var columnTiles = SignTiles.ColumnTiles(scales.Columns);
        var units = tables[FixedSignProduct.TableFloats(columnTiles)..];
        var inputs = MemoryMarshal.Cast<float, int>(tables[FixedSignProduct.TableLength(scales.Columns)..]);
        var pieces = new Pieces(scales.Columns, scales.Group);
        var (planeBytes, piece) = (planes.Length / bits, 0);
        for (int column = 0, end; column < scales.Columns; column = end)
        {
            end = pieces.End(column);
            var (tile, tiles) = (column / SignTiles.TileColumns, SignTiles.ColumnTiles(end - column));
            var words = MemoryMarshal.Cast<float, int>(tables.Slice(FixedSignProduct.TableFloats(tile), FixedSignProduct.TableFloats(tiles)));
            long x = inputs[piece++];
            sums.Fill(((1L << bits) - 1) * x);
            for (var k = 0; k < bits; k++)
            {
                SignProduct.Accumulate(
                    planes.Slice(k * planeBytes, planeBytes), columnTiles, tile, tiles, words, block,
                    new SignProduct.Sums<int>(signs, 1, signs.Length, signs.Length, carry: false));
                for (var r = 0; r < signs.Length; r++)
                    sums[r] += (long)signs[r] << k;
            }

            for (var r = 0; r < y.Length; r++)
            {
                var index = scales.Index((block * SignTiles.TileRows) + r, pieces.Group(column));
                var value = (float)((sums[r] / 2) - (scales.ZeroAt(index, bits) * x));
                y[r] = MathF.FusedMultiplyAdd(value, scales.Scale[index] * units[column / ChunkColumns], y[r]);
            }
        }
    }
}
