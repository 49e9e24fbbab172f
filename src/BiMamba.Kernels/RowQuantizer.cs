using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>
/// Quantises rows of f32 to the form <see cref="QuantizedRows"/> reads: symmetric, scale = absmax / 127 (7 with 4 bits)
/// of each group rounded up to bf16 so that no code clips, code = round-half-to-even(weight / scale).
/// </summary>
/// <remarks>A group of zeros has scale 0 and codes 0. The maximum does not depend on the order it is taken in.</remarks>
public static class RowQuantizer
{
    /// <summary>Quantises consecutive rows.</summary>
    /// <param name="weights">[rows, columns].</param>
    /// <param name="bits">8 or 4.</param>
    /// <param name="groupSize">The columns of a group, at least 1.</param>
    /// <param name="codes">Receives [rows, <see cref="QuantizedRows.RowBytes"/>], all bytes written.</param>
    /// <param name="scales">Receives [rows, <see cref="QuantizedRows.Groups"/>], bf16 bits.</param>
    /// <returns>
    /// -1, or row * columns + column of a weight that is not finite; then codes and scales are incomplete.
    /// </returns>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static long Quantize(Rows weights, int bits, int groupSize, Span<byte> codes, Span<ushort> scales)
    {
        QuantizedRows.Check(codes.Length, scales.Length, bits, groupSize, weights.Count, weights.Width);
        var (rowBytes, groups) = (
            QuantizedRows.RowBytes(weights.Width, bits), QuantizedRows.Groups(weights.Width, groupSize));
        codes.Clear();
        for (var row = 0; row < weights.Count; row++)
        {
            var target = codes.Slice(row * rowBytes, rowBytes);
            for (var group = 0; group < groups; group++)
            {
                var first = group * groupSize;
                var values = weights[row].Slice(first, Math.Min(groupSize, weights.Width - first));
                var largest = LargestMagnitude(values);
                if (!float.IsFinite(largest))
                    return ((long)row * weights.Width) + first + NotFinite.IndexOf(values);
                var scale = RoundUp(largest / (bits == 8 ? 127f : 7f));
                scales[(row * groups) + group] = scale;
                Encode(values, QuantizedRows.Widen(scale), bits, first, target);
            }
        }

        return -1;
    }

    /// <summary>The bits of the least bf16 that is not below a non-negative value.</summary>
    internal static ushort RoundUp(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0xFFFF) >> 16);
    }

    /// <summary>Writes the codes of a group; of 4 bits with the low nibble first, into bytes that are 0.</summary>
    private static void Encode(ReadOnlySpan<float> values, float scale, int bits, int first, Span<byte> row)
    {
        var i = bits == 8 && Vector128.IsHardwareAccelerated ? EncodeBytes(values, scale, row[first..]) : 0;
        for (; i < values.Length; i++)
        {
            var code = scale == 0f ? 0 : (int)MathF.Round(values[i] / scale, MidpointRounding.ToEven);
            var column = first + i;
            if (bits == 8)
                row[column] = (byte)code;
            else
                row[column / 2] |= (byte)((code & 0xF) << (column % 2 * 4));
        }
    }

    /// <summary>Writes 8-bit codes, 16 at a step; returns how many. Division and rounding are those of the scalar form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int EncodeBytes(ReadOnlySpan<float> values, float scale, Span<byte> codes)
    {
        var i = 0;
        if (scale == 0f)
            return i;
        for (; i <= values.Length - Lanes.Count; i += Lanes.Count)
        {
            var rounded = Vector512.ConvertToInt32(Vector512.Round(Vector512.Create(values[i..]) / scale));
            var halves = Vector256.Narrow(rounded.GetLower(), rounded.GetUpper());
            Vector128.Narrow(halves.GetLower(), halves.GetUpper()).AsByte().CopyTo(codes[i..]);
        }

        return i;
    }

    /// <summary>The greatest magnitude; not finite where any value is not.</summary>
    private static float LargestMagnitude(ReadOnlySpan<float> values)
    {
        // The bits of magnitudes are ordered as the magnitudes are, NaN above infinity.
        uint largest = 0;
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            var most = Vector512<uint>.Zero;
            for (; i <= values.Length - Lanes.Count; i += Lanes.Count)
                most = Vector512.Max(most, Vector512.Create(values[i..]).AsUInt32() & Vector512.Create(0x7FFFFFFFu));
            for (var lane = 0; lane < Lanes.Count; lane++)
                largest = Math.Max(largest, most[lane]);
        }

        for (; i < values.Length; i++)
            largest = Math.Max(largest, BitConverter.SingleToUInt32Bits(values[i]) & 0x7FFFFFFF);
        return BitConverter.UInt32BitsToSingle(largest);
    }
}
