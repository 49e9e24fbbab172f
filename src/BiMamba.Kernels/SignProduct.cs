using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <summary>
/// The product of activation rows with a plane of signs: y[t, r] = sum over j of S[r, j] * x[t, j], S in {-1, +1} laid
/// out by <see cref="SignTiles"/>.
/// </summary>
/// <remarks>
/// Order: columns go in groups of 4; the partial sum of a group is ((±x0 ± x1) ± x2) ± x3, and the partial sums are added
/// from +0 in ascending order of the groups. Padding columns count as x = 0. There are only 16 partial sums a group, so
/// they are tabulated once for each token (<see cref="BuildTables"/>) and looked up by the nibbles of the plane.
/// Lanes are rows: a vector of 16 words holds 16 rows, a permute of the table by the words looks 16 partial sums up (it
/// reads the low 4 bits only), and shifting the words right by 4 goes to the next group. Sums never cross lanes, so
/// there is no remainder but the rows of the last block, whose unused lanes are dropped.
/// </remarks>
public static partial class SignProduct
{
    /// <summary>Columns of a group.</summary>
    public const int GroupColumns = 4;

    /// <summary>Entries of the table of a group.</summary>
    public const int TableEntries = 16;

    /// <summary>The most tokens whose tables go side by side: 2 row blocks by 8 tokens are 16 accumulators.</summary>
    public const int TileTokens = 8;

    internal const int GroupsPerTile = SignTiles.TileColumns / GroupColumns;
    private const int TableFloatsPerTile = GroupsPerTile * TableEntries;

    // Tables of a chunk of columns are used by every row block before the next chunk is built, from the first- and
    // second-level caches. For one token rows up to 4096 columns are one chunk, so that the plane is read in one stream.
    private const int ChunkFloats = 8 * 1024;
    private const int OneTokenChunkFloats = 16 * 1024;

    /// <summary>The scratch length in f32 that <see cref="Multiply"/> needs.</summary>
    public static int ScratchLength(int tokens, int columns)
    {
        var (longest, columnTiles) = (0, SignTiles.ColumnTiles(columns));
        for (var count = 1; count <= Math.Min(tokens, TileTokens); count *= 2)
            longest = Math.Max(longest, TableLength(count, Math.Min(ChunkTiles(count), columnTiles)));
        return longest;
    }

    /// <summary>The length in f32 of the tables of <paramref name="tokens"/> tokens over a number of column tiles.</summary>
    public static int TableLength(int tokens, int columnTiles) => checked(tokens * columnTiles * TableFloatsPerTile);

    /// <summary>Writes y[t, r - 16 firstBlock] for the rows of a range of row blocks.</summary>
    /// <param name="tiles">The whole plane, <see cref="SignTiles.ByteLength"/> bytes.</param>
    /// <param name="rows">The rows of the plane.</param>
    /// <param name="x">Activations [tokens, columns of the plane].</param>
    /// <param name="firstBlock">The first row block to compute.</param>
    /// <param name="y">
    /// Results [tokens, width], not overlapping the inputs; the width is a multiple of 16, or reaches to the last row.
    /// </param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> elements, overwritten.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Multiply(
        ReadOnlySpan<byte> tiles, int rows, Rows x, int firstBlock, MutableRows y, Span<float> scratch)
    {
        Check(tiles.Length, rows, x, firstBlock, y);
        Guard.AtLeast(scratch.Length, ScratchLength(x.Count, x.Width));
        var columnTiles = SignTiles.ColumnTiles(x.Width);
        if (columnTiles == 0)
        {
            Clear(y);
            return;
        }

        for (var token = 0; token < x.Count;)
        {
            var left = x.Count - token;
            var count = TokensAtOnce(left);
            var inputs = x.Slice(token, count);
            var outputs = y.Slice(token, count);
            var chunk = ChunkTiles(count);
            for (var tile = 0; tile < columnTiles; tile += chunk)
            {
                var tileCount = Math.Min(chunk, columnTiles - tile);
                BuildTables(inputs, tile, tileCount, scratch);
                Accumulate(tiles, columnTiles, tile, tileCount, scratch, firstBlock, outputs);
            }

            token += count;
        }
    }

    /// <summary>The scalar form of <see cref="Multiply"/>, without tables, equal to it in every bit.</summary>
    public static void MultiplyScalar(ReadOnlySpan<byte> tiles, int rows, Rows x, int firstBlock, MutableRows y)
    {
        Check(tiles.Length, rows, x, firstBlock, y);
        var columnTiles = SignTiles.ColumnTiles(x.Width);
        for (var t = 0; t < x.Count; t++)
        {
            var inputs = x[t];
            for (var r = 0; r < y.Width; r++)
            {
                var block = tiles.Slice((firstBlock + (r / SignTiles.TileRows)) * columnTiles * SignTiles.TileBytes);
                var sum = 0f;
                for (var group = 0; group < columnTiles * GroupsPerTile; group++)
                {
                    var word = SignTiles.Word(block, group / GroupsPerTile, r % SignTiles.TileRows);
                    sum += PartialSum(inputs, group * GroupColumns, (int)(word >> (group % GroupsPerTile * GroupColumns)));
                }

                y[t][r] = sum;
            }
        }
    }

    /// <summary>
    /// Continues y[t, r] by the groups of a range of column tiles; from 0 where the range begins at the first tile. A
    /// caller may build the tables of all column tiles once and share them between threads.
    /// </summary>
    /// <param name="tiles">The whole plane.</param>
    /// <param name="columnTiles">The column tiles of the plane.</param>
    /// <param name="firstTile">The first column tile of the tables.</param>
    /// <param name="tileCount">The number of column tiles of the tables.</param>
    /// <param name="tables">Tables of <c>y.Count</c> tokens as <see cref="BuildTables"/> writes them.</param>
    /// <param name="firstBlock">The row block of the first column of <paramref name="y"/>.</param>
    /// <param name="y">Results [tokens, rows of the range]; at most <see cref="TileTokens"/> tokens.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Accumulate(
        ReadOnlySpan<byte> tiles, int columnTiles, int firstTile, int tileCount, ReadOnlySpan<float> tables,
        int firstBlock, MutableRows y)
    {
        if (y.Count is < 0 or > TileTokens)
            throw new ArgumentException($"at most {TileTokens} tokens a call, found {y.Count}", nameof(y));
        Guard.Range(firstTile, tileCount, columnTiles);
        Guard.AtLeast(tables.Length, TableLength(y.Count, tileCount));
        var bytes = (long)columnTiles * SignTiles.TileBytes;
        Guard.AtLeast(firstBlock, 0);
        Guard.AtLeast(tiles.Length, (firstBlock + SignTiles.RowBlocks(y.Width)) * bytes);
        if (Avx2.IsSupported && !Avx512F.IsSupported)
            AccumulateAvx2(tiles, columnTiles, firstTile, tileCount, tables, firstBlock, y);
        else
            Accumulate(tiles, columnTiles, firstTile, tileCount, tables, firstBlock, new Sums<float>(y.Values, y.Count, y.Width, y.Stride, firstTile != 0));
    }

    /// <summary>The forms that add floats or integers.</summary>
    internal static void Accumulate<T>(
        ReadOnlySpan<byte> tiles, int columnTiles, int firstTile, int tileCount, ReadOnlySpan<T> tables, int firstBlock, Sums<T> y)
        where T : unmanaged, INumber<T>
    {
        if (Avx512F.IsSupported)
            AccumulateWide(tiles, columnTiles, firstTile, tileCount, tables, firstBlock, y);
        else
            AccumulatePortable(tiles, columnTiles, firstTile, tileCount, tables, firstBlock, y);
    }

    /// <summary>Table lookup in scalar code, for machines without a permute that the other forms use.</summary>
    internal static void AccumulatePortable<T>(
        ReadOnlySpan<byte> tiles, int columnTiles, int firstTile, int tileCount, ReadOnlySpan<T> tables, int firstBlock, Sums<T> y)
        where T : unmanaged, INumber<T>
    {
        for (var r = 0; r < y.Width; r++)
        {
            var block = tiles[((firstBlock + (r / SignTiles.TileRows)) * columnTiles * SignTiles.TileBytes)..];
            for (var t = 0; t < y.Count; t++)
            {
                var sum = y.Carry ? y[t][r] : T.Zero;
                ref var table = ref Unsafe.Add(ref MemoryMarshal.GetReference(tables), t * TableEntries);
                for (var tile = 0; tile < tileCount; tile++)
                {
                    var word = SignTiles.Word(block, firstTile + tile, r % SignTiles.TileRows);
                    for (var group = 0; group < GroupsPerTile; group++)
                    {
                        sum += Unsafe.Add(ref table, (int)(word & (TableEntries - 1)));
                        word >>= GroupColumns;
                        table = ref Unsafe.Add(ref table, y.Count * TableEntries);
                    }
                }

                y[t][r] = sum;
            }
        }
    }

    /// <summary>How many column tiles had best be added at once for a number of tokens, so that their tables stay in a cache.</summary>
    internal static int ChunkTiles(int tokens) =>
        tokens == 1 ? OneTokenChunkFloats / TableFloatsPerTile : ChunkFloats / (tokens * TableFloatsPerTile);

    /// <summary>How many of the tokens that are left go side by side: 8, 4 or 1.</summary>
    internal static int TokensAtOnce(int left) => left >= TileTokens ? TileTokens : left >= TileTokens / 2 ? TileTokens / 2 : 1;

    internal static void Clear(MutableRows y)
    {
        for (var t = 0; t < y.Count; t++)
            y[t].Clear();
    }

    internal static void Check(int bytes, int rows, Rows x, int firstBlock, MutableRows y)
    {
        Guard.Equal(bytes, SignTiles.ByteLength(rows, x.Width));
        Guard.Equal(y.Count, x.Count);
        Guard.Range(firstBlock, SignTiles.RowBlocks(y.Width), SignTiles.RowBlocks(rows));
        var reached = ((long)firstBlock * SignTiles.TileRows) + y.Width;
        if (reached > rows || (y.Width % SignTiles.TileRows != 0 && reached != rows))
            throw new ArgumentException($"{y.Width} rows from block {firstBlock} are not whole blocks of {rows} rows");
    }

    /// <summary>Sums [tokens, rows] at a stride, which go on from what they are where <see cref="Carry"/> is set, otherwise from 0.</summary>
    internal readonly ref struct Sums<T>(Span<T> values, int count, int width, int stride, bool carry)
    {
        public Span<T> Values { get; } = values;

        public int Count { get; } = count;

        public int Width { get; } = width;

        public int Stride { get; } = stride;

        public bool Carry { get; } = carry;

        public Span<T> this[int token] => Values.Slice(token * Stride, Width);
    }
}
