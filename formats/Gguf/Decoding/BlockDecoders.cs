using System.Buffers.Binary;

namespace BiMamba.Formats.Gguf.Decoding;

/// <summary>The decoders of block encodings. Each element is a product of a small integer and the binary16 scale of its block.</summary>
/// <remarks>Layouts and order of the elements are those of the dequantize_row functions of ggml-quants.c.</remarks>
internal static class BlockDecoders
{
    private const int ScaleBytes = 2;

    /// <summary>18 bytes of 32 elements: the scale, then 16 bytes; byte j holds element j in its low half and element j + 16 in its high half, each 8 more than its value.</summary>
    public static void Q4(ReadOnlySpan<byte> source, Span<float> destination)
    {
        const int elements = 32, half = elements / 2;
        for (; destination.Length >= elements; source = source[(ScaleBytes + half)..], destination = destination[elements..])
        {
            var scale = Scale(source);
            var codes = source.Slice(ScaleBytes, half);
            for (var j = 0; j < codes.Length; j++)
            {
                destination[j] = ((codes[j] & 15) - 8) * scale;
                destination[j + half] = ((codes[j] >> 4) - 8) * scale;
            }
        }
    }

    /// <summary>34 bytes of 32 elements: the scale, then signed bytes.</summary>
    public static void Q8(ReadOnlySpan<byte> source, Span<float> destination)
    {
        const int elements = 32;
        for (; destination.Length >= elements; source = source[(ScaleBytes + elements)..], destination = destination[elements..])
        {
            var scale = Scale(source);
            var codes = source.Slice(ScaleBytes, elements);
            for (var j = 0; j < codes.Length; j++)
                destination[j] = (sbyte)codes[j] * scale;
        }
    }

    /// <summary>18 bytes of 128 elements: the scale, then 16 bytes of bits, lowest first; a set bit is the scale, another one minus the scale.</summary>
    public static void Q1(ReadOnlySpan<byte> source, Span<float> destination)
    {
        const int elements = 128, bytes = elements / 8;
        for (; destination.Length >= elements; source = source[(ScaleBytes + bytes)..], destination = destination[elements..])
        {
            var scale = Scale(source);
            for (var j = 0; j < elements; j++)
                destination[j] = ((source[ScaleBytes + (j / 8)] >> (j % 8)) & 1) != 0 ? scale : -scale;
        }
    }

    /// <summary>66 bytes of 256 elements: 64 bytes of four codes, lowest bits first, then the scale; byte 32 c + m holds the elements 128 c + m, 32, 64 and 96 further, each 1 more than its value.</summary>
    public static void TQ2(ReadOnlySpan<byte> source, Span<float> destination)
    {
        const int elements = 256, bytes = elements / 4, lane = 32;
        for (; destination.Length >= elements; source = source[(bytes + ScaleBytes)..], destination = destination[elements..])
        {
            var scale = Scale(source[bytes..]);
            for (var i = 0; i < bytes; i++)
            {
                var first = (i / lane * 4 * lane) + (i % lane);
                for (var k = 0; k < 4; k++)
                    destination[first + (k * lane)] = (((source[i] >> (2 * k)) & 3) - 1) * scale;
            }
        }
    }

    /// <summary>
    /// 54 bytes of 256 elements: 48 bytes of five base-3 digits, 4 bytes of four, then the scale. A byte is its digits as
    /// a fraction of 256, rounded up: the first digit is the whole part of three times that fraction. The elements of the
    /// first digits of a run of 32, of 16 or of 4 bytes come first, then those of the second digits, and so on.
    /// </summary>
    public static void TQ1(ReadOnlySpan<byte> source, Span<float> destination)
    {
        const int elements = 256, bytes = 48 + 4;
        for (; destination.Length >= elements; source = source[(bytes + ScaleBytes)..], destination = destination[elements..])
        {
            var scale = Scale(source[bytes..]);
            Digits(source[..32], 5, scale, destination);
            Digits(source[32..48], 5, scale, destination[160..]);
            Digits(source[48..52], 4, scale, destination[240..]);
        }
    }

    private static void Digits(ReadOnlySpan<byte> run, int digits, float scale, Span<float> destination)
    {
        var power = 1;
        for (var n = 0; n < digits; n++, power *= 3)
        {
            for (var m = 0; m < run.Length; m++)
            {
                // What lies over the byte are the digits before this one.
                var fraction = (byte)(run[m] * power);
                destination[(n * run.Length) + m] = (((fraction * 3) >> 8) - 1) * scale;
            }
        }
    }

    private static float Scale(ReadOnlySpan<byte> block) => (float)BinaryPrimitives.ReadHalfLittleEndian(block);
}
