using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <summary>
/// Rows of 8-bit or 4-bit codes with one bf16 scale a group of columns: weight = code * scale, exact in f32.
/// </summary>
/// <remarks>
/// Layout: codes are two's complement in [-127, 127] or [-7, 7]; a row is ceil(columns * bits / 8) bytes; with 4 bits the
/// even column is the low nibble, and the last high nibble of an odd row is 0. Scales are [rows, groups] bf16 bits,
/// groups = ceil(columns / groupSize), the last group may be short. Lanes are 16 columns of a group; the remainder of a
/// group, and 4-bit groups that begin in the middle of a byte, use the scalar form.
/// </remarks>
public static class QuantizedRows
{
    /// <summary>The bytes of a row of codes.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bits"/> is neither 8 nor 4.</exception>
    public static int RowBytes(int columns, int bits) => bits switch
    {
        8 => columns,
        4 => (columns + 1) / 2,
        _ => throw new ArgumentOutOfRangeException(nameof(bits), bits, "codes have 8 or 4 bits"),
    };

    /// <summary>The number of groups of a row.</summary>
    public static int Groups(int columns, int groupSize) => (int)(((long)columns + groupSize - 1) / groupSize);

    /// <summary>Writes the weights of consecutive rows.</summary>
    /// <param name="codes">The rows' codes, [rows, <see cref="RowBytes"/>].</param>
    /// <param name="scales">The rows' scales, [rows, <see cref="Groups"/>], bf16 bits.</param>
    /// <param name="bits">8 or 4.</param>
    /// <param name="groupSize">The columns of a group, at least 1.</param>
    /// <param name="panel">[rows, columns].</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Dequantize(
        ReadOnlySpan<byte> codes, ReadOnlySpan<ushort> scales, int bits, int groupSize, MutableRows panel)
    {
        Check(codes.Length, scales.Length, bits, groupSize, panel.Count, panel.Width);
        var (rowBytes, groups) = (RowBytes(panel.Width, bits), Groups(panel.Width, groupSize));
        for (var row = 0; row < panel.Count; row++)
        {
            ref var source = ref MemoryMarshal.GetReference(codes[(row * rowBytes)..]);
            ref var target = ref MemoryMarshal.GetReference(panel[row]);
            for (var group = 0; group < groups; group++)
            {
                var first = group * groupSize;
                var end = Math.Min(panel.Width, first + groupSize);
                DequantizeGroup(ref source, bits, Widen(scales[(row * groups) + group]), first, end, ref target, 0);
            }
        }
    }

    /// <summary>The scalar form of <see cref="Dequantize"/>, equal to it in every bit.</summary>
    public static void DequantizeScalar(
        ReadOnlySpan<byte> codes, ReadOnlySpan<ushort> scales, int bits, int groupSize, MutableRows panel)
    {
        Check(codes.Length, scales.Length, bits, groupSize, panel.Count, panel.Width);
        var (rowBytes, groups) = (RowBytes(panel.Width, bits), Groups(panel.Width, groupSize));
        for (var row = 0; row < panel.Count; row++)
        {
            for (var column = 0; column < panel.Width; column++)
            {
                var scale = Widen(scales[(row * groups) + (column / groupSize)]);
                panel[row][column] = Code(ref MemoryMarshal.GetReference(codes[(row * rowBytes)..]), column, bits) * scale;
            }
        }
    }

    /// <summary>bf16 bits as f32.</summary>
    internal static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>One code of a row.</summary>
    internal static int Code(ref byte row, int column, int bits)
    {
        if (bits == 8)
            return (sbyte)Unsafe.Add(ref row, column);
        var nibble = (Unsafe.Add(ref row, column / 2) >> (column % 2 * 4)) & 0xF;
        return (nibble ^ 8) - 8;
    }

    internal static void Check(int codes, int scales, int bits, int groupSize, int rows, int columns)
    {
        Guard.AtLeast(groupSize, 1);
        Guard.Equal(codes, (long)rows * RowBytes(columns, bits));
        Guard.Equal(scales, (long)rows * Groups(columns, groupSize));
    }

    /// <summary>Writes the weights of columns of one group, the target being that of column <paramref name="origin"/>.</summary>
    internal static void DequantizeGroup(ref byte row, int bits, float scale, int first, int end, ref float target, int origin)
    {
        var column = first;
        if (Vector128.IsHardwareAccelerated && (bits == 8 || first % 2 == 0))
        {
            var scales = Vector512.Create(scale);
            for (; column <= end - Lanes.Count; column += Lanes.Count)
            {
                var codes = bits == 8
                    ? Vector128.LoadUnsafe(ref Unsafe.Add(ref row, column)).AsSByte()
                    : Nibbles(ref Unsafe.Add(ref row, column / 2));
                Lanes.Store(Vector512.ConvertToSingle(Widen(codes)) * scales, ref target, column - origin);
            }
        }

        for (; column < end; column++)
            Unsafe.Add(ref target, column - origin) = Code(ref row, column, bits) * scale;
    }

    /// <summary>16 codes of 4 bits, low nibble first: each byte spreads over 16 bits, the high nibble into the high byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<sbyte> Nibbles(ref byte source)
    {
        var packed = BinaryPrimitives.ReadUInt64LittleEndian(MemoryMarshal.CreateReadOnlySpan(ref source, sizeof(ulong)));
        var spread = Vector128.WidenLower(Vector128.CreateScalar(packed).AsByte());
        var nibbles = ((spread & Vector128.Create((ushort)0x0F)) | Vector128.ShiftLeft(spread & Vector128.Create((ushort)0xF0), 4)).AsSByte();
        var eight = Vector128.Create((sbyte)8);
        return (nibbles ^ eight) - eight;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector128<sbyte> codes)
    {
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512Int32(codes);
        var (low, high) = Vector128.Widen(codes);
        var (a, b) = Vector128.Widen(low);
        var (c, d) = Vector128.Widen(high);
        return Vector512.Create(Vector256.Create(a, b), Vector256.Create(c, d));
    }
}
