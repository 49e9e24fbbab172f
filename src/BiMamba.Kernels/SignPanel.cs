using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <summary>
/// The product of <see cref="SignProduct"/> for many tokens: y[t, r] = sum over j of S[r, j] * (x[t, j] * scale[j]), S in
/// {-1, +1} laid out by <see cref="SignTiles"/>, by tables of six columns that two row blocks share.
/// </summary>
/// <remarks>
/// Order: columns go in spans of 96, three tiles. A span has 16 groups of 6: of each of its three words the columns 0 to
/// 29 in order, and last the columns 30 and 31 of the three words. The partial sum of a group is
/// ((±x0 ± x1) ± x2) + ((±x3 ± x4) ± x5); partial sums are added from +0 in ascending order. Columns behind the last
/// count as 0. The order does not depend on the number of tokens, nor on how rows or tokens are cut.
/// Lanes are rows. Tokens go in tiles of 12, the last few in tiles of 4; what a tile lacks counts as 0 and is dropped.
/// </remarks>
public static partial class SignPanel
{
    /// <summary>Columns of a group.</summary>
    public const int GroupColumns = 6;

    /// <summary>Tokens of a tile.</summary>
    public const int TileTokens = 12;

    /// <summary>How many rows a call had best compute: their bits and sums stay in the second-level cache, and the tables pay.</summary>
    public const int BestRows = 4096;

    private const int SmallTileTokens = 4;
    private const int SpanTiles = 3;
    private const int SpanColumns = SpanTiles * SignTiles.TileColumns;
    private const int SpanBytes = SpanTiles * SignTiles.TileBytes;
    private const int Groups = SpanColumns / GroupColumns;
    private const int WordGroups = SignTiles.TileColumns / GroupColumns;
    private const int RestColumns = SignTiles.TileColumns - (WordGroups * GroupColumns);
    private const int TablesLength = TileTokens * Groups * WideEntries;

    /// <summary>The scratch length in f32 that <see cref="Multiply"/> needs for a number of rows.</summary>
    public static int ScratchLength(int rows) => TablesLength + (TileTokens * SumStride(rows)) + (SignTiles.RowBlocks(rows) * SpanBytes / sizeof(float));

    /// <summary>Writes y[t, r - 16 firstBlock] for the rows of a range of row blocks.</summary>
    /// <param name="tiles">The whole plane, <see cref="SignTiles.ByteLength"/> bytes.</param>
    /// <param name="rows">The rows of the plane.</param>
    /// <param name="x">Activations [tokens, columns of the plane].</param>
    /// <param name="scale">[columns], or empty for 1.</param>
    /// <param name="firstBlock">The first row block to compute.</param>
    /// <param name="y">
    /// Results [tokens, width], not overlapping the inputs; the width is a multiple of 16, or reaches to the last row.
    /// </param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> of the width, overwritten; fastest where it begins at a cache line.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Multiply(
        ReadOnlySpan<byte> tiles, int rows, Rows x, ReadOnlySpan<float> scale, int firstBlock, MutableRows y, Span<float> scratch)
    {
        SignProduct.Check(tiles.Length, rows, x, firstBlock, y);
        Guard.EmptyOr(scale.Length, x.Width);
        Guard.AtLeast(scratch.Length, ScratchLength(y.Width));
        var blockBytes = (int)SignTiles.BlockBytes(x.Width);
        var blocks = tiles.Slice(firstBlock * blockBytes, SignTiles.RowBlocks(y.Width) * blockBytes);
        for (var token = 0; token < x.Count;)
        {
            var left = x.Count - token;
            var tile = left > 2 * SmallTileTokens ? TileTokens : SmallTileTokens;
            var count = Math.Min(left, tile);
            MultiplyTile(blocks, blockBytes, x.Slice(token, count), scale, tile, y.Slice(token, count), scratch);
            token += count;
        }
    }

    /// <summary>The scalar form of <see cref="Multiply"/>, without tables, equal to it in every bit.</summary>
    public static void MultiplyScalar(ReadOnlySpan<byte> tiles, int rows, Rows x, ReadOnlySpan<float> scale, int firstBlock, MutableRows y)
    {
        SignProduct.Check(tiles.Length, rows, x, firstBlock, y);
        Guard.EmptyOr(scale.Length, x.Width);
        Span<float> values = stackalloc float[GatheredLength];
        var blockBytes = (int)SignTiles.BlockBytes(x.Width);
        for (var t = 0; t < x.Count; t++)
        {
            y[t].Clear();
            for (var column = 0; column < x.Width; column += SpanColumns)
            {
                Gather(x[t], scale, column, values);
                for (var r = 0; r < y.Width; r++)
                {
                    var block = tiles.Slice((firstBlock + (r / SignTiles.TileRows)) * blockBytes, blockBytes);
                    for (var group = 0; group < Groups; group++)
                        y[t][r] += PartialSum(values.Slice(First(group), GroupColumns), Bits(block, column, r % SignTiles.TileRows, group));
                }
            }
        }
    }

    private static void MultiplyTile(
        ReadOnlySpan<byte> blocks, int blockBytes, Rows x, ReadOnlySpan<float> scale, int tokens, MutableRows y, Span<float> scratch)
    {
        var tables = scratch[..TablesLength];
        var sums = scratch.Slice(TablesLength, tokens * SumStride(y.Width));
        var padded = MemoryMarshal.AsBytes(scratch[(TablesLength + (TileTokens * SumStride(y.Width)))..])[..(SignTiles.RowBlocks(y.Width) * SpanBytes)];
        sums.Clear();
        var blockCount = SignTiles.RowBlocks(y.Width);
        for (var column = 0; column < x.Width; column += SpanColumns)
        {
            BuildTables(x, scale, column, tokens, tables);
            var span = blocks[(column / SignTiles.TileColumns * SignTiles.TileBytes)..];
            var left = blockBytes - (blocks.Length - span.Length);
            var stride = blockBytes;
            if (left < SpanBytes)
            {
                Pad(span, blockBytes, left, padded);
                span = padded;
                stride = SpanBytes;
            }

            Add(span, stride, blockCount, tokens, tables, sums, SumStride(y.Width));
        }

        for (var t = 0; t < y.Count; t++)
            sums.Slice(t * SumStride(y.Width), y.Width).CopyTo(y[t]);
    }

    /// <summary>The last span of all row blocks, with zero bits for the tiles that the rows end before.</summary>
    private static void Pad(ReadOnlySpan<byte> span, int blockBytes, int left, Span<byte> padded)
    {
        padded.Clear();
        for (var block = 0; block * SpanBytes < padded.Length; block++)
            span.Slice(block * blockBytes, left).CopyTo(padded[(block * SpanBytes)..]);
    }

    private static void Add(ReadOnlySpan<byte> span, int blockBytes, int blocks, int tokens, ReadOnlySpan<float> tables, Span<float> sums, int sumStride)
    {
        if (Avx512F.IsSupported)
        {
            AddWide(
                ref MemoryMarshal.GetReference(span), blockBytes, blocks, tokens, ref MemoryMarshal.GetReference(tables), ref MemoryMarshal.GetReference(sums),
                sumStride);
            return;
        }

        for (var block = 0; block < blocks; block++)
            AddBlock(span.Slice(block * blockBytes, SpanBytes), tokens, tables, sums[(block * SignTiles.TileRows)..], sumStride);
    }

    private static void AddBlock(ReadOnlySpan<byte> span, int tokens, ReadOnlySpan<float> tables, Span<float> sums, int sumStride)
    {
        if (Avx2.IsSupported)
            AddAvx2(span, tokens, tables, sums, sumStride);
        else
            AddPortable(span, tokens, tables, sums, sumStride);
    }

    /// <summary>Table lookup in scalar code: tables of 8 entries for each half of a group.</summary>
    internal static void AddPortable(ReadOnlySpan<byte> span, int tokens, ReadOnlySpan<float> tables, Span<float> sums, int sumStride)
    {
        for (var r = 0; r < SignTiles.TileRows; r++)
        {
            for (var group = 0; group < Groups; group++)
            {
                var bits = Bits(span, 0, r, group);
                for (var t = 0; t < tokens; t++)
                {
                    var table = tables.Slice(((group * tokens) + t) * NarrowEntries, NarrowEntries);
                    sums[(t * sumStride) + r] += table[bits & 7] + table[HalfEntries + (bits >> 3)];
                }
            }
        }
    }

    /// <summary>The six bits of a group of the span that begins at a column, for one row of a row block.</summary>
    private static int Bits(ReadOnlySpan<byte> block, int column, int row, int group)
    {
        var tile = column / SignTiles.TileColumns;
        if (group < SpanTiles * WordGroups)
            return (int)(Word(block, tile + (group / WordGroups), row) >> (group % WordGroups * GroupColumns)) & 0x3F;
        var rest = 0u;
        for (var word = 0; word < SpanTiles; word++)
            rest |= Word(block, tile + word, row) >> (WordGroups * GroupColumns) << (word * RestColumns);
        return (int)rest;
    }

    private static uint Word(ReadOnlySpan<byte> block, int tile, int row) =>
        tile * SignTiles.TileBytes < block.Length ? SignTiles.Word(block, tile, row) : 0;

    // Sums of a token lie side by side; a line more than that keeps those of twelve tokens out of each other's cache sets.
    private static int SumStride(int rows) => (((SignTiles.RowBlocks(rows) + 1) / 2 * 2) + 1) * SignTiles.TileRows;
}
