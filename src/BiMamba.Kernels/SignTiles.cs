using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>
/// The layout of a plane of signs, one bit a weight: tiles of 16 rows by 32 columns in 64 bytes.
/// </summary>
/// <remarks>
/// A tile holds one little-endian 32-bit word a row; bit i of a word is column 32c + i, so nibble j is columns
/// 4j .. 4j+3 of the tile. 1 stands for +1, 0 for -1. Row blocks (16 rows) are outermost, then column tiles. Rows are
/// padded to 16 and columns to 32 with zero bits.
/// </remarks>
public static class SignTiles
{
    /// <summary>Rows of a tile, and of a row block.</summary>
    public const int TileRows = 16;

    /// <summary>Columns of a tile: the bits of a word.</summary>
    public const int TileColumns = 32;

    /// <summary>Bytes of a tile.</summary>
    public const int TileBytes = TileRows * sizeof(uint);

    /// <summary>The number of row blocks.</summary>
    public static int RowBlocks(int rows) => (int)(((long)rows + TileRows - 1) / TileRows);

    /// <summary>The number of tiles in a row block.</summary>
    public static int ColumnTiles(int columns) => (int)(((long)columns + TileColumns - 1) / TileColumns);

    /// <summary>The bytes of one row block.</summary>
    public static long BlockBytes(int columns) => (long)ColumnTiles(columns) * TileBytes;

    /// <summary>The bytes of a plane.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    public static long ByteLength(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        return RowBlocks(rows) * BlockBytes(columns);
    }

    /// <summary>Where the bit of one weight is: the byte, and the bit in it.</summary>
    public static (long Byte, int Bit) Locate(int row, int column, int columns)
    {
        var tile = ((long)(row / TileRows) * ColumnTiles(columns)) + (column / TileColumns);
        var bit = column % TileColumns;
        return ((tile * TileBytes) + (row % TileRows * sizeof(uint)) + (bit / 8), bit % 8);
    }

    /// <summary>
    /// Packs one row block from signs in {-1, 0, +1}. A zero packs as +1 and is reported. A step takes 32 columns, whose
    /// sign bits are a word; the remainder goes bit by bit.
    /// </summary>
    /// <param name="signs">[rows, columns] row-major.</param>
    /// <param name="rows">The rows of this block that exist, 0 to 16.</param>
    /// <param name="columns">The columns of the matrix.</param>
    /// <param name="tiles">The block's <see cref="BlockBytes"/> bytes, all written.</param>
    /// <param name="zeros">Receives row * columns + column of the zeros, ascending, as far as it reaches.</param>
    /// <returns>The number of zeros; where it exceeds the length of <paramref name="zeros"/>, the rest is not listed.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit, or a sign is not one of the three.</exception>
    public static int PackBlock(ReadOnlySpan<sbyte> signs, int rows, int columns, Span<byte> tiles, Span<int> zeros)
    {
        CheckBlock(signs.Length, rows, columns, tiles.Length);
        tiles.Clear();
        var found = 0;
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column += TileColumns)
            {
                var first = (row * columns) + column;
                var (word, zero) = Word(signs.Slice(first, Math.Min(TileColumns, columns - column)));
                WriteWord(tiles, column / TileColumns, row, word);
                found = Report(zero, first, found, zeros);
            }
        }

        return found;
    }

    /// <summary>
    /// Packs one row block from the signs of f32 values: above zero +1, below zero -1; a zero of either sign, and a NaN,
    /// packs as +1 and is reported.
    /// </summary>
    /// <param name="values">[rows, columns] row-major.</param>
    /// <param name="rows">The rows of this block that exist, 0 to 16.</param>
    /// <param name="columns">The columns of the matrix.</param>
    /// <param name="tiles">The block's <see cref="BlockBytes"/> bytes, all written.</param>
    /// <param name="zeros">Receives row * columns + column of the zeros, ascending, as far as it reaches.</param>
    /// <returns>The number of zeros; where it exceeds the length of <paramref name="zeros"/>, the rest is not listed.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static int PackBlock(ReadOnlySpan<float> values, int rows, int columns, Span<byte> tiles, Span<int> zeros)
    {
        CheckBlock(values.Length, rows, columns, tiles.Length);
        tiles.Clear();
        var found = 0;
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column += TileColumns)
            {
                var first = (row * columns) + column;
                var (word, zero) = Word(values.Slice(first, Math.Min(TileColumns, columns - column)));
                WriteWord(tiles, column / TileColumns, row, word);
                found = Report(zero, first, found, zeros);
            }
        }

        return found;
    }

    /// <summary>The inverse of packing but for zeros, which come back as +1.</summary>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void UnpackBlock(ReadOnlySpan<byte> tiles, int rows, int columns, Span<sbyte> signs)
    {
        CheckBlock(signs.Length, rows, columns, tiles.Length);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                signs[(row * columns) + column] = GetBit(tiles, row, column) ? (sbyte)1 : (sbyte)-1;
        }
    }

    /// <summary>The word of one row of one tile of a row block.</summary>
    internal static uint Word(ReadOnlySpan<byte> block, int tile, int row) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[((tile * TileBytes) + (row * sizeof(uint)))..]);

    private static bool GetBit(ReadOnlySpan<byte> block, int row, int column) =>
        (Word(block, column / TileColumns, row) >> (column % TileColumns) & 1) != 0;

    private static (uint Word, uint Zeros) Word(ReadOnlySpan<sbyte> signs)
    {
        uint word = 0, zeros = 0;
        if (signs.Length == TileColumns)
        {
            var vector = Vector256.Create(signs);
            zeros = Vector256.Equals(vector, Vector256<sbyte>.Zero).ExtractMostSignificantBits();
            var legal = Vector256.LessThanOrEqual(Vector256.Abs(vector).AsByte(), Vector256.Create((byte)1));
            if (legal.ExtractMostSignificantBits() == uint.MaxValue)
                return (~vector.ExtractMostSignificantBits(), zeros);
            zeros = 0;
        }

        for (var i = 0; i < signs.Length; i++)
        {
            if (signs[i] is < -1 or > 1)
                throw new ArgumentException($"sign {signs[i]} is not -1, 0 or +1", nameof(signs));
            word |= (signs[i] >= 0 ? 1u : 0u) << i;
            zeros |= (signs[i] == 0 ? 1u : 0u) << i;
        }

        return (word, zeros);
    }

    private static (uint Word, uint Zeros) Word(ReadOnlySpan<float> values)
    {
        if (values.Length == TileColumns)
        {
            var left = Vector512.Create(values[..Lanes.Count]);
            var right = Vector512.Create(values[Lanes.Count..]);
            var zero = Vector512<float>.Zero;
            var below = Join(Vector512.LessThan(left, zero), Vector512.LessThan(right, zero));
            var above = Join(Vector512.GreaterThan(left, zero), Vector512.GreaterThan(right, zero));
            return (~below, ~(below | above));
        }

        uint word = 0, zeros = 0;
        for (var i = 0; i < values.Length; i++)
        {
            word |= (values[i] < 0f ? 0u : 1u) << i;
            zeros |= (values[i] < 0f || values[i] > 0f ? 0u : 1u) << i;
        }

        return (word, zeros);

        static uint Join(Vector512<float> left, Vector512<float> right) =>
            (uint)left.ExtractMostSignificantBits() | ((uint)right.ExtractMostSignificantBits() << Lanes.Count);
    }

    private static int Report(uint zeroBits, int first, int found, Span<int> zeros)
    {
        for (; zeroBits != 0; zeroBits &= zeroBits - 1)
        {
            if (found < zeros.Length)
                zeros[found] = first + BitOperations.TrailingZeroCount(zeroBits);
            found++;
        }

        return found;
    }

    private static void WriteWord(Span<byte> block, int tile, int row, uint word) =>
        BinaryPrimitives.WriteUInt32LittleEndian(block[((tile * TileBytes) + (row * sizeof(uint)))..], word);

    /// <summary>Throws where the lengths of a row block do not fit.</summary>
    internal static void CheckBlock(int values, int rows, int columns, int bytes)
    {
        if (rows is < 0 or > TileRows)
            throw new ArgumentException($"a row block has at most {TileRows} rows, found {rows}", nameof(rows));
        Guard.Equal(values, (long)rows * columns);
        Guard.Equal(bytes, BlockBytes(columns));
    }
}
