using System.Buffers.Binary;
using BiMamba.Formats.Gguf;

namespace BiMamba.Gguf.Tests;

/// <summary>Reads blocks back, element by element, from the description of their layouts.</summary>
internal static class GgmlDecoder
{
    public static float[] Decode(GgmlType type, ReadOnlySpan<byte> bytes)
    {
        var values = new List<float>();
        for (; bytes.Length > 0; bytes = bytes[type.BlockBytes..])
        {
            for (var i = 0; i < type.BlockElements; i++)
                values.Add(Element(type.Name, bytes[..type.BlockBytes], i));
        }

        return [.. values];
    }

    private static float Element(string name, ReadOnlySpan<byte> block, int i) => name switch
    {
        "f32" => BinaryPrimitives.ReadSingleLittleEndian(block),
        "f16" => Half(block, 0),
        "bf16" => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(block) << 16),
        "tq1_0" => Half(block, 52) * (Digit(block, i) - 1),
        "q4_0" => Half(block, 0) * (((block[2 + (i % 16)] >> (i / 16 * 4)) & 15) - 8),
        "q8_0" => Half(block, 0) * (sbyte)block[2 + i],
        "tq2_0" => Half(block, 64) * (((block[(i / 128 * 32) + (i % 32)] >> (i % 128 / 32 * 2)) & 3) - 1),
        "q1_0" => Half(block, 0) * ((block[2 + (i / 8)] >> (i % 8) & 1) == 1 ? 1 : -1),
        _ => throw new ArgumentException(name, nameof(name)),
    };

    private static float Half(ReadOnlySpan<byte> block, int offset) => (float)BinaryPrimitives.ReadHalfLittleEndian(block[offset..]);

    /// <summary>The base-3 digit of an element: 32, 16 and 4 bytes hold 5, 5 and 4 digits each.</summary>
    private static int Digit(ReadOnlySpan<byte> block, int i)
    {
        var (first, length, at) = i < 160 ? (0, 32, i) : i < 240 ? (32, 16, i - 160) : (48, 4, i - 240);
        var fraction = block[first + (at % length)] * (int)Math.Pow(3, at / length) % 256;
        return fraction * 3 / 256;
    }
}
