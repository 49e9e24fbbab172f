using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <summary>
/// Codes of 1 to 8 bits as planes of bits, [bits, rows, columns]: plane k holds bit k of every code, the lowest first, in
/// the tiles of <see cref="SignTiles"/>; planes follow each other without gaps.
/// </summary>
/// <remarks>
/// Lanes are 32 columns of a row, one word of every plane. Its bits are spread over bytes, a comparison with the bit of a
/// lane makes it 0 or -1, and planes are put together from the highest by doubling. Every weight is one f32 product, so that
/// forms have the same bits.
/// </remarks>
public static class CodePlanes
{
    /// <summary>The most bits of a code.</summary>
    public const int MostBits = 8;

    private const int Half = SignTiles.TileColumns / 2;

    /// <summary>The bytes of all planes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative, or there are no such codes.</exception>
    public static long ByteLength(int bits, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, MostBits);
        return bits * SignTiles.ByteLength(rows, columns);
    }

    /// <summary>Packs the codes of one row block into all planes, with zero bits for the rows and columns that pad it.</summary>
    /// <param name="codes">[rows of the block, columns] row-major; the rows are 16, or those that are left.</param>
    /// <param name="bits">The bits of a code.</param>
    /// <param name="totalRows">The rows of the matrix.</param>
    /// <param name="columns">The columns of the matrix.</param>
    /// <param name="firstRow">The first row of the block, a multiple of 16.</param>
    /// <param name="planes">All planes, <see cref="ByteLength"/> bytes, of which the block's are written.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a code has more bits.</exception>
    public static void PackBlock(ReadOnlySpan<byte> codes, int bits, int totalRows, int columns, int firstRow, Span<byte> planes)
    {
        Guard.Equal(planes.Length, ByteLength(bits, totalRows, columns));
        Guard.Range(firstRow, 0, totalRows);
        Guard.Equal(firstRow % SignTiles.TileRows, 0);
        var rows = Math.Min(SignTiles.TileRows, totalRows - firstRow);
        Guard.Equal(codes.Length, (long)rows * columns);
        if (codes.ContainsAnyExceptInRange((byte)0, (byte)((1 << bits) - 1)))
            throw new ArgumentException($"a code has more than {bits} bits", nameof(codes));
        var planeBytes = planes.Length / bits;
        var blockBytes = (int)SignTiles.BlockBytes(columns);
        for (var bit = 0; bit < bits; bit++)
        {
            var block = planes.Slice((bit * planeBytes) + (firstRow / SignTiles.TileRows * blockBytes), blockBytes);
            block.Clear();
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column += SignTiles.TileColumns)
                {
                    var part = codes.Slice((row * columns) + column, Math.Min(SignTiles.TileColumns, columns - column));
                    var at = (column / SignTiles.TileColumns * SignTiles.TileBytes) + (row * sizeof(uint));
                    BinaryPrimitives.WriteUInt32LittleEndian(block[at..], Word(part, bit));
                }
            }
        }
    }

    /// <summary>Writes the weights of consecutive rows.</summary>
    /// <param name="planes">All planes, <see cref="ByteLength"/> bytes.</param>
    /// <param name="bits">The bits of a code.</param>
    /// <param name="rows">The rows of the matrix.</param>
    /// <param name="columns">The columns of the matrix.</param>
    /// <param name="firstRow">The matrix row of the first row of <paramref name="panel"/>.</param>
    /// <param name="scales">Scales and zeros of the matrix.</param>
    /// <param name="panel">[rows of the range, columns].</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dequantize(
        ReadOnlySpan<byte> planes, int bits, int rows, int columns, int firstRow, CodeScales scales, MutableRows panel)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            DequantizeScalar(planes, bits, rows, columns, firstRow, scales, panel);
            return;
        }

        Check(planes.Length, bits, rows, columns, scales);
        CheckPanel(rows, columns, firstRow, panel);
        var columnTiles = SignTiles.ColumnTiles(columns);
        for (var row = 0; row < panel.Count;)
        {
            // Tiles of a row block are read once for all of its rows.
            var inBlock = (firstRow + row) % SignTiles.TileRows;
            var count = Math.Min(SignTiles.TileRows - inBlock, panel.Count - row);
            var block = (nint)((firstRow + row) / SignTiles.TileRows) * columnTiles;
            for (var tile = 0; tile < columnTiles; tile++)
            {
                var words = planes[(int)(((block + tile) * SignTiles.TileBytes) + (inBlock * sizeof(uint)))..];
                DequantizeTile(words, planes.Length / bits, bits, tile * SignTiles.TileColumns, firstRow + row, scales, panel.Slice(row, count));
            }

            row += count;
        }
    }

    /// <summary>The scalar form of <see cref="Dequantize"/>, equal to it in every bit.</summary>
    public static void DequantizeScalar(
        ReadOnlySpan<byte> planes, int bits, int rows, int columns, int firstRow, CodeScales scales, MutableRows panel)
    {
        Check(planes.Length, bits, rows, columns, scales);
        CheckPanel(rows, columns, firstRow, panel);
        for (var row = 0; row < panel.Count; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var index = scales.Index(firstRow + row, column / scales.GroupColumns);
                panel[row][column] = scales.Scale[index] * (Code(planes, bits, firstRow + row, column, columns) - scales.ZeroAt(index, bits));
            }
        }
    }

    /// <summary>One code.</summary>
    internal static int Code(ReadOnlySpan<byte> planes, int bits, int row, int column, int columns)
    {
        var (at, bit) = SignTiles.Locate(row, column, columns);
        var code = 0;
        for (var k = 0; k < bits; k++)
            code |= (planes[(int)((k * (planes.Length / bits)) + at)] >> bit & 1) << k;
        return code;
    }

    /// <summary>Throws where planes and scales are not of a matrix.</summary>
    internal static void Check(int bytes, int bits, int rows, int columns, CodeScales scales)
    {
        Guard.Equal(bytes, ByteLength(bits, rows, columns));
        scales.Check(rows, columns);
    }

    /// <summary>Throws where a panel is not a range of rows of a matrix.</summary>
    internal static void CheckPanel(int rows, int columns, int firstRow, MutableRows panel)
    {
        Guard.Equal(panel.Width, columns);
        Guard.Range(firstRow, panel.Count, rows);
    }

    /// <summary>The bits of a word as bytes: all bits of byte i are bit i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<byte> Spread(uint word)
    {
        var bit = Vector256.Create(0x8040_2010_0804_0201).AsByte();
        var words = Vector256.Create(word).AsByte();
        var places = Vector256.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
        var bytes = Avx2.IsSupported
            ? Avx2.Shuffle(words, places)
            : Vector256.Create(Vector128.Shuffle(words.GetLower(), places.GetLower()), Vector128.Shuffle(words.GetUpper(), places.GetUpper()));
        return Vector256.Equals(bytes & bit, bit);
    }

    /// <summary>Eight bytes as words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Widen(ulong bytes)
    {
        var vector = Vector128.CreateScalar(bytes).AsByte();
        if (Avx2.IsSupported)
            return Avx2.ConvertToVector256Int32(vector);
        var words = Vector128.WidenLower(vector);
        return Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words)).AsInt32();
    }

    /// <summary>The weights of one tile for the rows of a panel, which all lie in its row block.</summary>
    /// <param name="words">The planes from the word of the first row on.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DequantizeTile(
        ReadOnlySpan<byte> words, nint planeBytes, int bits, int column, int firstRow, CodeScales scales, MutableRows panel)
    {
        var end = Math.Min(column + SignTiles.TileColumns, panel.Width);
        var (first, middle, last) = (column / scales.GroupColumns, (column + Half) / scales.GroupColumns, (end - 1) / scales.GroupColumns);
        var isWhole = end - column == SignTiles.TileColumns && first == (column + Half - 1) / scales.GroupColumns && middle == last;
        ref var source = ref MemoryMarshal.GetReference(words);
        for (var row = 0; row < panel.Count; row++)
        {
            var codes = Codes(ref source, planeBytes, bits);
            source = ref Unsafe.Add(ref source, sizeof(uint));
            if (isWhole)
            {
                ref var target = ref Unsafe.Add(ref MemoryMarshal.GetReference(panel.Values), (row * (nint)panel.Stride) + column);
                Store(codes.GetLower(), scales, scales.Index(firstRow + row, first), bits, ref target);
                Store(codes.GetUpper(), scales, scales.Index(firstRow + row, middle), bits, ref Unsafe.Add(ref target, Half));
                continue;
            }

            for (var i = column; i < end; i++)
            {
                var index = scales.Index(firstRow + row, i / scales.GroupColumns);
                panel[row][i] = scales.Scale[index] * (codes[i - column] - scales.ZeroAt(index, bits));
            }
        }
    }

    /// <summary>The codes of 32 columns of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Codes(ref byte words, nint planeBytes, int bits)
    {
        var codes = Vector256<byte>.Zero;
        for (nint plane = bits - 1; plane >= 0; plane--)
            codes = codes + codes - Spread(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref words, plane * planeBytes)));
        return codes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<byte> codes, CodeScales scales, int index, int bits, ref float target)
    {
        var scale = Vector256.Create(scales.Scale[index]);
        var zero = Vector256.Create(scales.ZeroAt(index, bits));
        var (low, high) = (codes.AsUInt64().ToScalar(), codes.AsUInt64().GetElement(1));
        (Vector256.ConvertToSingle(Widen(low) - zero) * scale).StoreUnsafe(ref target);
        (Vector256.ConvertToSingle(Widen(high) - zero) * scale).StoreUnsafe(ref target, (nuint)Vector256<float>.Count);
    }

    private static uint Word(ReadOnlySpan<byte> codes, int bit)
    {
        if (codes.Length == SignTiles.TileColumns)
            return Vector256.ShiftLeft(Vector256.Create(codes).AsUInt16(), MostBits - 1 - bit).AsByte().ExtractMostSignificantBits();
        var word = 0u;
        for (var i = 0; i < codes.Length; i++)
            word |= (uint)(codes[i] >> bit & 1) << i;
        return word;
    }
}
