using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>How the sign of a binary float is read from its bits, the sign bit uppermost.</summary>
/// <param name="LargestZero">The largest magnitude, as bits without the sign, that counts as zero.</param>
/// <param name="Infinity">The bits of +infinity; larger magnitudes are NaN.</param>
/// <typeparam name="T">The unsigned integer of the float's width.</typeparam>
public readonly record struct SignRule<T>(T LargestZero, T Infinity)
    where T : unmanaged;

/// <summary>The rules of the floating-point types.</summary>
/// <remarks>
/// Through fp16 means that a value is rounded to fp16, to nearest even, before its sign is taken: magnitudes up to
/// 2^-25, half the smallest fp16 above zero, become zero.
/// </remarks>
public static class SignRules
{
    /// <summary>fp16.</summary>
    public static SignRule<ushort> Half => new(0, 0x7C00);

    /// <summary>bf16.</summary>
    public static SignRule<ushort> BFloat16 => new(0, 0x7F80);

    /// <summary>bf16 through fp16.</summary>
    public static SignRule<ushort> BFloat16ThroughHalf => new(0x3300, 0x7F80);

    /// <summary>fp32.</summary>
    public static SignRule<uint> Single => new(0, 0x7F800000);

    /// <summary>fp32 through fp16.</summary>
    public static SignRule<uint> SingleThroughHalf => new(0x33000000, 0x7F800000);
}

/// <summary>
/// Packs the signs of 16-bit and 32-bit floats into <see cref="SignTiles"/> from their bits, without widening them.
/// </summary>
/// <remarks>
/// A step makes one word of 32 columns by comparing bits as unsigned integers: what is above the negative form of the
/// largest zero is negative. Least and greatest magnitudes of a row tell whether it has a zero or a NaN at all; only
/// such rows are looked at again.
/// </remarks>
public static class SignBits
{
    /// <summary>
    /// Packs one row block. A zero of either sign packs as +1 and is reported; a NaN stops the work.
    /// </summary>
    /// <param name="values">The bits of the values, [rows, columns] row-major.</param>
    /// <param name="rule">How a sign is read.</param>
    /// <param name="plus">One word a column tile, whose bits mark columns that are +1 whatever the values, padding 0; or empty.</param>
    /// <param name="rows">The rows of this block that exist, 0 to 16.</param>
    /// <param name="columns">The columns of the matrix.</param>
    /// <param name="tiles">The block's <see cref="SignTiles.BlockBytes"/> bytes, all written.</param>
    /// <param name="zeros">Receives row * columns + column of the zeros, ascending, as far as it reaches.</param>
    /// <param name="zeroCount">The number of zeros; where it exceeds the length of <paramref name="zeros"/>, the rest is not listed.</param>
    /// <returns>-1, or row * columns + column of the first NaN; then tiles and zeros are incomplete.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static int PackBlock<T>(
        ReadOnlySpan<T> values, SignRule<T> rule, ReadOnlySpan<uint> plus, int rows, int columns, Span<byte> tiles, Span<int> zeros, out int zeroCount)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        if (!Vector128.IsHardwareAccelerated)
            return PackBlockScalar(values, rule, plus, rows, columns, tiles, zeros, out zeroCount);
        Prepare(values.Length, plus.Length, rows, columns, tiles, out zeroCount);
        for (var row = 0; row < rows; row++)
        {
            var line = values.Slice(row * columns, columns);
            var (hasZero, hasNaN) = PackRow(line, rule, plus, tiles[(row * sizeof(uint))..]);
            if (hasNaN)
                return (row * columns) + FirstNaN(line, rule);
            if (hasZero)
                zeroCount = ListZeros(line, rule, plus, row * columns, zeroCount, zeros);
        }

        return -1;
    }

    /// <summary>The scalar form of <see cref="PackBlock"/>, equal to it in every bit.</summary>
    public static int PackBlockScalar<T>(
        ReadOnlySpan<T> values, SignRule<T> rule, ReadOnlySpan<uint> plus, int rows, int columns, Span<byte> tiles, Span<int> zeros, out int zeroCount)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        Prepare(values.Length, plus.Length, rows, columns, tiles, out zeroCount);
        for (var i = 0; i < rows * columns; i++)
        {
            var (row, column) = Math.DivRem(i, columns);
            var magnitude = values[i] & T.RotateRight(~T.One, 1);
            if (magnitude > rule.Infinity)
                return i;
            var isPlus = !plus.IsEmpty && (plus[column / SignTiles.TileColumns] >> (column % SignTiles.TileColumns) & 1) != 0;
            var isZero = !isPlus && magnitude <= rule.LargestZero;
            if (isZero && zeroCount++ < zeros.Length)
                zeros[zeroCount - 1] = i;
            if (isPlus || isZero || magnitude == values[i])
            {
                var (at, bit) = SignTiles.Locate(row, column, columns);
                tiles[(int)at] |= (byte)(1 << bit);
            }
        }

        return -1;
    }

    /// <summary>Writes the words of one row; true where it has a zero, and where it has a NaN.</summary>
    /// <param name="tiles">The block from the row's word in the first tile on.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (bool HasZero, bool HasNaN) PackRow<T>(ReadOnlySpan<T> line, SignRule<T> rule, ReadOnlySpan<uint> plus, Span<byte> tiles)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        ref var source = ref MemoryMarshal.GetReference(line);
        var magnitudes = Vector512.Create(T.RotateRight(~T.One, 1));
        var negativeZero = Vector512.Create(T.RotateRight(T.One, 1) | rule.LargestZero);
        var (least, greatest) = (Vector512<T>.AllBitsSet, Vector512<T>.Zero);
        var column = 0;
        for (; column <= line.Length - SignTiles.TileColumns; column += SignTiles.TileColumns)
        {
            uint negative = 0;
            for (var i = 0; i < SignTiles.TileColumns; i += Vector512<T>.Count)
            {
                var value = Vector512.LoadUnsafe(ref source, (nuint)(column + i));
                negative |= (uint)Vector512.GreaterThan(value, negativeZero).ExtractMostSignificantBits() << i;
                least = Vector512.Min(least, value & magnitudes);
                greatest = Vector512.Max(greatest, value & magnitudes);
            }

            Write(tiles, column, ~negative, plus);
        }

        var hasZero = Vector512.LessThanOrEqualAny(least, Vector512.Create(rule.LargestZero));
        var hasNaN = Vector512.GreaterThanAny(greatest, Vector512.Create(rule.Infinity));
        if (column == line.Length)
            return (hasZero, hasNaN);
        uint word = 0;
        for (var i = column; i < line.Length; i++)
        {
            var magnitude = line[i] & magnitudes[0];
            hasZero |= magnitude <= rule.LargestZero;
            hasNaN |= magnitude > rule.Infinity;
            word |= (line[i] > negativeZero[0] ? 0u : 1u) << (i - column);
        }

        Write(tiles, column, word, plus);
        return (hasZero, hasNaN);
    }

    private static void Write(Span<byte> tiles, int column, uint word, ReadOnlySpan<uint> plus)
    {
        var tile = column / SignTiles.TileColumns;
        if (!plus.IsEmpty)
            word |= plus[tile];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(tiles[(tile * SignTiles.TileBytes)..], word);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int ListZeros<T>(ReadOnlySpan<T> line, SignRule<T> rule, ReadOnlySpan<uint> plus, int first, int found, Span<int> zeros)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        var most = Vector512.Create(rule.LargestZero);
        var magnitudes = Vector512.Create(T.RotateRight(~T.One, 1));
        for (var column = 0; column < line.Length; column += SignTiles.TileColumns)
        {
            uint word = 0;
            var part = line[column..Math.Min(line.Length, column + SignTiles.TileColumns)];
            if (part.Length == SignTiles.TileColumns)
            {
                for (var i = 0; i < SignTiles.TileColumns; i += Vector512<T>.Count)
                    word |= (uint)Vector512.LessThanOrEqual(Vector512.Create(part[i..]) & magnitudes, most).ExtractMostSignificantBits() << i;
            }
            else
            {
                for (var i = 0; i < part.Length; i++)
                    word |= ((part[i] & magnitudes[0]) <= rule.LargestZero ? 1u : 0u) << i;
            }

            if (!plus.IsEmpty)
                word &= ~plus[column / SignTiles.TileColumns];
            for (; word != 0; word &= word - 1)
            {
                if (found < zeros.Length)
                    zeros[found] = first + column + BitOperations.TrailingZeroCount(word);
                found++;
            }
        }

        return found;
    }

    private static int FirstNaN<T>(ReadOnlySpan<T> line, SignRule<T> rule)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        var i = 0;
        while ((line[i] & T.RotateRight(~T.One, 1)) <= rule.Infinity)
            i++;
        return i;
    }

    private static void Prepare(int values, int plus, int rows, int columns, Span<byte> tiles, out int zeroCount)
    {
        SignTiles.CheckBlock(values, rows, columns, tiles.Length);
        Guard.EmptyOr(plus, SignTiles.ColumnTiles(columns));
        tiles.Clear();
        zeroCount = 0;
    }
}
