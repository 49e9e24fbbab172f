using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <summary>
/// The product of activation rows with a plane of signs, y[t, r] = sum over j of S[r, j] * (x[t, j] * scale[j]), by exact
/// sums of integers: S in {-1, +1} is laid out by <see cref="SignTiles"/>.
/// </summary>
/// <remarks>
/// Definition: columns go in chunks of 512. In a chunk v = x * scale, an f32 number, is rounded to q = round(v * 2^s), ties to even and
/// limited to |q| &lt; 2^21, where s is the largest integer with max |v| &lt; 2^(21 - s); s is at most 120. The sum of +-q
/// over the chunk fits 32 bits and is exact; as f32, it is multiplied by 2^-s and added to y, from +0 in ascending
/// order of the chunks, by fused multiply-add. A chunk with an infinity or a NaN makes y NaN.
/// So the bits of y do not depend on the order in which a chunk is summed up: forms for one token and for many, and for
/// any vector width, are free to choose their own. An activation is off by at most 2^-21 of the largest of its chunk, or by 2^-121.
/// Columns go in groups of 4, a nibble of the plane, whose 16 partial sums are tabulated for each token.
/// </remarks>
public static partial class FixedSignProduct
{
    /// <summary>Columns whose sums are exact.</summary>
    public const int ChunkColumns = ChunkTiles * SignTiles.TileColumns;

    /// <summary>Rows that a call computes at once: of an odd multiple of 16 the last are computed twice.</summary>
    public const int RowGrain = PairRows;

    /// <summary>Rows that a call had best compute a multiple of.</summary>
    public const int BestRowGrain = SetBlocks * SignTiles.TileRows;

    /// <summary>Rows that a call for many tokens had best compute at most: the tables pay, and the sums stay in the second-level cache.</summary>
    public const int BestRows = 4096;

    /// <summary>Tokens that one walk over the plane serves at most.</summary>
    public const int TileTokens = 24;

    internal const int ChunkTiles = 16;
    internal const int GroupsPerTile = SignProduct.GroupsPerTile;
    internal const int MagnitudeBits = 21;
    private const int Largest = (1 << MagnitudeBits) - 1;
    private const int MostShift = 120;

    // Rows that one token takes over all chunks before the next ones: the tables of a chunk stay in the first-level cache.
    internal const int StreamRows = 256;

    // AVX2 looks bytes up; AVX-512, whose registers hold a table of 32-bit sums, and portable code look those up.
    internal static bool LooksUpBytes => Avx2.IsSupported && !Avx512F.IsSupported;

    /// <summary>Elements of f32 that <see cref="BuildTables"/> needs for a token: its tables and the scales of the chunks.</summary>
    public static int TableLength(int columns) => checked(TableFloats(SignTiles.ColumnTiles(columns)) + WholeLines(Chunks(columns)));

    /// <summary>Elements of f32 that <see cref="Accumulate"/> needs for one token.</summary>
    public static int TokenScratchLength(int rows) => LooksUpBytes ? 0 : SumFloats(1, rows);

    /// <summary>Elements of f32 that <see cref="Multiply"/> needs for a number of rows.</summary>
    public static int ScratchLength(int rows) => checked(PanelHead + (LooksUpBytes ? IndexBytes / sizeof(float) : SumFloats(SignProduct.TileTokens, rows)));

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
        var tables = scratch[..(TileTokens * TableFloats(ChunkTiles))];
        var scales = scratch.Slice(tables.Length, TileTokens);
        var rest = scratch[PanelHead..];
        for (var token = 0; token < x.Count;)
        {
            var count = TokensAtOnce(x.Count - token);
            var inputs = x.Slice(token, count);
            var outputs = y.Slice(token, count);
            SignProduct.Clear(outputs);
            for (var chunk = 0; chunk < Chunks(x.Width); chunk++)
            {
                BuildChunk(inputs, scale, chunk, tables, scales);
                AddChunk(tiles, x.Width, chunk, tables, scales, firstBlock, outputs, rest);
            }

            token += count;
        }
    }

    /// <summary>The scalar form of <see cref="Multiply"/>, without tables, equal to it in every bit.</summary>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void MultiplyScalar(ReadOnlySpan<byte> tiles, int rows, Rows x, ReadOnlySpan<float> scale, int firstBlock, MutableRows y)
    {
        SignProduct.Check(tiles.Length, rows, x, firstBlock, y);
        Guard.EmptyOr(scale.Length, x.Width);
        Span<float> values = stackalloc float[ChunkColumns];
        SignProduct.Clear(y);
        var blockBytes = (int)SignTiles.BlockBytes(x.Width);
        for (var t = 0; t < x.Count; t++)
        {
            for (var column = 0; column < x.Width; column += ChunkColumns)
            {
                var unit = RoundScalar(x[t], scale, column, values);
                for (var r = 0; r < y.Width; r++)
                {
                    var block = tiles.Slice((firstBlock + (r / SignTiles.TileRows)) * blockBytes, blockBytes);
                    var sum = 0;
                    for (var j = column; j < Math.Min(column + ChunkColumns, x.Width); j++)
                    {
                        var word = SignTiles.Word(block, j / SignTiles.TileColumns, r % SignTiles.TileRows);
                        var q = (int)values[j - column];
                        sum += (word >> (j % SignTiles.TileColumns) & 1) != 0 ? q : -q;
                    }

                    y[t][r] = MathF.FusedMultiplyAdd(sum, unit, y[t][r]);
                }
            }
        }
    }

    /// <summary>Makes the tables of one token over all columns, which threads that share its rows may then read.</summary>
    /// <param name="x">[columns].</param>
    /// <param name="scale">[columns], or empty for 1.</param>
    /// <param name="tables">At least <see cref="TableLength"/> elements.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void BuildTables(ReadOnlySpan<float> x, ReadOnlySpan<float> scale, Span<float> tables)
    {
        Guard.EmptyOr(scale.Length, x.Length);
        Guard.AtLeast(tables.Length, TableLength(x.Length));
        var input = new Rows(x, 1, x.Length);
        var scales = tables[TableFloats(SignTiles.ColumnTiles(x.Length))..];
        for (var chunk = 0; chunk < Chunks(x.Length); chunk++)
            BuildChunk(input, scale, chunk, tables[TableFloats(chunk * ChunkTiles)..], scales[chunk..]);
    }

    /// <summary>Writes y[r - 16 firstBlock] of one token for the rows of a range of row blocks, with the bits of <see cref="Multiply"/>.</summary>
    /// <param name="tiles">The whole plane.</param>
    /// <param name="columns">The columns of the plane.</param>
    /// <param name="tables">What <see cref="BuildTables"/> has made.</param>
    /// <param name="firstBlock">The first row block to compute.</param>
    /// <param name="y">Results, of rows of the plane.</param>
    /// <param name="scratch">At least <see cref="TokenScratchLength"/> of the rows, overwritten.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Accumulate(
        ReadOnlySpan<byte> tiles, int columns, ReadOnlySpan<float> tables, int firstBlock, Span<float> y, Span<float> scratch)
    {
        Guard.AtLeast(firstBlock, 0);
        Guard.AtLeast(tables.Length, TableLength(columns));
        Guard.AtLeast(scratch.Length, TokenScratchLength(y.Length));
        Guard.AtLeast(tiles.Length, (firstBlock + SignTiles.RowBlocks(y.Length)) * SignTiles.BlockBytes(columns));
        var scales = tables[TableFloats(SignTiles.ColumnTiles(columns))..];
        y.Clear();

        if (LooksUpBytes)
        {
            StreamBytes(tiles, SignTiles.ColumnTiles(columns), MemoryMarshal.AsBytes(tables), scales, firstBlock, y);
            return;
        }

        // Some rows go over all chunks before the next ones, so that the plane is read nearly in order.
        for (var row = 0; row < y.Length; row += StreamRows)
        {
            var part = y.Slice(row, Math.Min(StreamRows, y.Length - row));
            for (var chunk = 0; chunk < Chunks(columns); chunk++)
            {
                AddChunk(
                    tiles, columns, chunk, tables[TableFloats(chunk * ChunkTiles)..], scales[chunk..], firstBlock + (row / SignTiles.TileRows),
                    new MutableRows(part, 1, part.Length), scratch);
            }
        }
    }

    private static void AddChunk(
        ReadOnlySpan<byte> tiles, int columns, int chunk, ReadOnlySpan<float> tables, ReadOnlySpan<float> units, int firstBlock, MutableRows y,
        Span<float> scratch)
    {
        var columnTiles = SignTiles.ColumnTiles(columns);
        var firstTile = chunk * ChunkTiles;
        var tileCount = Math.Min(ChunkTiles, columnTiles - firstTile);
        if (LooksUpBytes)
            AddBytes(tiles, columnTiles, firstTile, tileCount, MemoryMarshal.AsBytes(tables), units, firstBlock, y, MemoryMarshal.AsBytes(scratch));
        else
            AddWords(tiles, columnTiles, firstTile, tileCount, MemoryMarshal.Cast<float, int>(tables), units, firstBlock, y, MemoryMarshal.Cast<float, int>(scratch));
    }

    internal static int Chunks(int columns) => (SignTiles.ColumnTiles(columns) + ChunkTiles - 1) / ChunkTiles;

    // Tables and scales of a tile of tokens; what lies behind begins at a cache line.
    private static int PanelHead => (TileTokens * TableFloats(ChunkTiles)) + WholeLines(TileTokens);

    internal static int TableFloats(int tileCount) => SignProduct.TableLength(1, tileCount);

    private static int SumFloats(int tokens, int rows) => checked(tokens * SignTiles.RowBlocks(rows) * SignTiles.TileRows);

    internal static int WholeLines(int floats) => (floats + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    private static int TokensAtOnce(int left) => LooksUpBytes ? Math.Min(left, TileTokens) : SignProduct.TokensAtOnce(left);
}
