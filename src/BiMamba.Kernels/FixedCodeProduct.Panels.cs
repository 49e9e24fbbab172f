using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <content>
/// Many tokens: the codes of a row block over a chunk are brought into the order [tile][pair of columns c and c + 16][row], 16 bits
/// a code; q is the sum of 2^11 * high and low of at most 11 bits, in the same order. Lanes are rows, so a product of pairs is added to
/// the sums of 8 rows. Sums of a piece stay below 2^27. Columns of a tile outside a piece have q = 0 in it.
/// </content>
public static partial class FixedCodeProduct
{
    private const int PairsPerTile = SignTiles.TileColumns / 2;
    private const int HalfBits = 11;

    // Pairs of high halves, then of low ones, a word each.
    private const int InputWords = 2 * PairsPerTile;
    private const int CodeWords = PairsPerTile * SignTiles.TileRows;
    private const int MostTokens = 3;

    private static void MultiplyPanels(
        ReadOnlySpan<byte> planes, int bits, Rows x, CodeScales scales, int firstBlock, MutableRows y, Span<float> scratch, Layout layout)
    {
        SignProduct.Clear(y);
        var words = MemoryMarshal.Cast<float, int>(scratch);
        for (var token = 0; token < x.Count; token += layout.Tokens)
        {
            var count = Math.Min(layout.Tokens, x.Count - token);
            var inputs = x.Slice(token, count);
            var outputs = y.Slice(token, count);
            for (var column = 0; column < x.Width; column += ChunkColumns)
            {
                PackInputs(inputs, column, words, scratch[layout.Units..], layout);
                for (var block = 0; block < SignTiles.RowBlocks(y.Width); block++)
                {
                    PackCodes(planes, bits, x.Width, firstBlock + block, column, words[layout.Codes..]);
                    AddBlock(words, scratch[layout.Units..], bits, scales, column, firstBlock + block, outputs, block * SignTiles.TileRows, layout);
                }
            }
        }
    }

    /// <summary>The halves of the integers of a chunk, piece after piece, and the sums of the pieces.</summary>
    private static void PackInputs(Rows x, int chunk, Span<int> words, Span<float> units, Layout layout)
    {
        Span<float> values = stackalloc float[ChunkColumns];
        Span<float> tile = stackalloc float[SignTiles.TileColumns];
        for (var t = 0; t < x.Count; t++)
        {
            units[t] = FixedSignProduct.Round(x[t], [], chunk, values);
            var (at, piece) = (t * layout.TokenWords, 0);
            var chunkEnd = Math.Min(x.Width, chunk + ChunkColumns);
            for (int column = chunk, end; column < chunkEnd; column = end)
            {
                end = layout.Pieces.End(column);
                words[layout.Sums + (t * layout.MostPieces) + piece++] = Sum(values[(column - chunk)..(end - chunk)]);
                for (var first = column / SignTiles.TileColumns * SignTiles.TileColumns; first < end; first += SignTiles.TileColumns)
                {
                    tile.Clear();
                    var (from, to) = (Math.Max(first, column), Math.Min(first + SignTiles.TileColumns, end));
                    values[(from - chunk)..(to - chunk)].CopyTo(tile[(from - first)..]);
                    Split(tile, words.Slice(at, InputWords));
                    at += InputWords;
                }
            }
        }
    }

    private static int Sum(ReadOnlySpan<float> values)
    {
        var sum = 0;
        foreach (var value in values)
            sum += (int)value;
        return sum;
    }

    /// <summary>The pairs of halves of the integers of a tile.</summary>
    private static void Split(ReadOnlySpan<float> values, Span<int> words)
    {
        for (var c = 0; c < PairsPerTile; c += Vector256<int>.Count)
        {
            var one = Vector256.ConvertToInt32(Vector256.Create(values[c..]));
            var two = Vector256.ConvertToInt32(Vector256.Create(values[(c + PairsPerTile)..]));
            var (highOne, lowOne) = Halves(one);
            var (highTwo, lowTwo) = Halves(two);
            var mask = Vector256.Create(0xFFFF);
            ((highOne & mask) | (highTwo << 16)).CopyTo(words[c..]);
            ((lowOne & mask) | (lowTwo << 16)).CopyTo(words[(PairsPerTile + c)..]);
        }

        static (Vector256<int> High, Vector256<int> Low) Halves(Vector256<int> q)
        {
            var half = Vector256.Create(1 << (HalfBits - 1));
            var low = ((q + half) & Vector256.Create((1 << HalfBits) - 1)) - half;
            return ((q - low) >> HalfBits, low);
        }
    }

    /// <summary>The codes of a row block over a chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void PackCodes(ReadOnlySpan<byte> planes, int bits, int columns, int block, int chunk, Span<int> codes)
    {
        nint planeBytes = planes.Length / bits;
        var columnTiles = SignTiles.ColumnTiles(columns);
        var firstTile = chunk / SignTiles.TileColumns;
        var tiles = Math.Min(FixedSignProduct.ChunkTiles, columnTiles - firstTile);
        fixed (byte* plane = planes)
        fixed (int* target = codes[..(tiles * CodeWords)])
        {
            var source = plane + ((((nint)block * columnTiles) + firstTile) * SignTiles.TileBytes);
            for (var tile = 0; tile < tiles; tile++)
            {
                var to = target + (tile * CodeWords);
                PackRows(source, planeBytes, bits, to);
                PackRows(source + (SignTiles.TileBytes / 2), planeBytes, bits, to + Vector256<int>.Count);
                source += SignTiles.TileBytes;
            }
        }
    }

    /// <summary>The codes of 8 rows of a tile. A byte of c, d, ... collects the code of column 0, 1, ... of eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void PackRows(byte* words, nint planeBytes, int bits, int* codes)
    {
        Vector256<byte> c = default, d = default, e = default, f = default, g = default, h = default, i = default, j = default;
        var one = Vector256.Create((byte)1);
        for (nint k = bits - 1; k >= 0; k--)
        {
            var word = Vector256.Load((uint*)(words + (k * planeBytes)));
            c = c + c + (word.AsByte() & one);
            d = d + d + ((word >> 1).AsByte() & one);
            e = e + e + ((word >> 2).AsByte() & one);
            f = f + f + ((word >> 3).AsByte() & one);
            g = g + g + ((word >> 4).AsByte() & one);
            h = h + h + ((word >> 5).AsByte() & one);
            i = i + i + ((word >> 6).AsByte() & one);
            j = j + j + ((word >> 7).AsByte() & one);
        }

        StorePairs(c, codes);
        StorePairs(d, codes + SignTiles.TileRows);
        StorePairs(e, codes + (2 * SignTiles.TileRows));
        StorePairs(f, codes + (3 * SignTiles.TileRows));
        StorePairs(g, codes + (4 * SignTiles.TileRows));
        StorePairs(h, codes + (5 * SignTiles.TileRows));
        StorePairs(i, codes + (6 * SignTiles.TileRows));
        StorePairs(j, codes + (7 * SignTiles.TileRows));
    }

    /// <summary>Bytes are columns c, c + 8, c + 16 and c + 24: two pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void StorePairs(Vector256<byte> bytes, int* codes)
    {
        (bytes.AsInt32() & Vector256.Create(0x00FF_00FF)).Store(codes);
        (bytes.AsUInt16() >> 8).AsInt32().Store(codes + (8 * SignTiles.TileRows));
    }

    /// <summary>The pieces of a chunk for one row block and all tokens.</summary>
    private static unsafe void AddBlock(
        ReadOnlySpan<int> words, ReadOnlySpan<float> units, int bits, CodeScales scales, int chunk, int block, MutableRows y, int row, Layout layout)
    {
        var sums = stackalloc int[MostTokens * SumWords];
        var factors = new BlockScales(stackalloc float[SignTiles.TileRows], stackalloc int[SignTiles.TileRows]);
        var count = Math.Min(SignTiles.TileRows, y.Width - row);
        var chunkEnd = Math.Min(scales.Columns, chunk + ChunkColumns);
        fixed (int* start = words)
        {
            var input = start;
            var piece = 0;
            for (int column = chunk, end; column < chunkEnd; column = end)
            {
                end = layout.Pieces.End(column);
                var firstTile = column / SignTiles.TileColumns;
                var tiles = ((end - 1) / SignTiles.TileColumns) + 1 - firstTile;
                var codes = start + layout.Codes + ((firstTile - (chunk / SignTiles.TileColumns)) * CodeWords);
                factors.Load(scales, bits, block * SignTiles.TileRows, count, layout.Pieces.Group(column));
                for (var t = 0; t < y.Count;)
                {
                    var tokens = y.Count - t >= MostTokens ? MostTokens : 1;
                    if (tokens == MostTokens)
                        Add3(codes, input + (t * layout.TokenWords), layout.TokenWords, tiles, sums);
                    else
                        Add1(codes, input + (t * layout.TokenWords), tiles, sums);
                    for (var i = 0; i < tokens; i++, t++)
                        factors.Finish(sums + (i * SumWords), words[layout.Sums + (t * layout.MostPieces) + piece], units[t], y[t].Slice(row, count));
                }

                input += tiles * InputWords;
                piece++;
            }
        }
    }

    /// <summary>Where things are in the scratch of the panels, in elements of 32 bits.</summary>
    private readonly struct Layout
    {
        public Layout(int columns, int group, int tokens)
        {
            Tokens = tokens;
            Pieces = new Pieces(columns, group);
            var tiles = 0;
            for (var chunk = 0; chunk < columns; chunk += ChunkColumns)
            {
                var (inChunk, chunkEnd) = (0, (int)Math.Min(columns, (long)chunk + ChunkColumns));
                for (int column = chunk, end; column < chunkEnd; column = end)
                {
                    end = Pieces.End(column);
                    inChunk += ((end - 1) / SignTiles.TileColumns) + 1 - (column / SignTiles.TileColumns);
                }

                MostPieces = Math.Max(MostPieces, Pieces.Count(chunk, chunkEnd));
                tiles = Math.Max(tiles, inChunk);
            }

            TokenWords = tiles * InputWords;
            Codes = checked(tokens * TokenWords);
            Sums = Codes + (FixedSignProduct.ChunkTiles * CodeWords);
            Units = Sums + FixedSignProduct.WholeLines(tokens * MostPieces);
            Length = Units + FixedSignProduct.WholeLines(tokens);
        }

        public int Tokens { get; }

        public Pieces Pieces { get; }

        /// <summary>The most pieces of a chunk.</summary>
        public int MostPieces { get; }

        /// <summary>The words of the halves of a token.</summary>
        public int TokenWords { get; }

        /// <summary>Where the codes of a row block begin, behind the halves of all tokens.</summary>
        public int Codes { get; }

        /// <summary>Where the sums of the pieces begin, [token, piece].</summary>
        public int Sums { get; }

        /// <summary>Where the worths of the integers begin, [token].</summary>
        public int Units { get; }

        public int Length { get; }
    }
}
