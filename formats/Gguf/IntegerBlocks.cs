using System.Buffers.Binary;
using System.Numerics.Tensors;

namespace BiMamba.Formats.Gguf;

/// <summary>Blocks of 32 elements: a binary16 scale, then integer codes.</summary>
/// <remarks>Rounding is that of quantize_row_q4_0_ref and quantize_row_q8_0_ref of ggml-quants.c.</remarks>
internal static class IntegerBlocks
{
    /// <summary>Elements of a block.</summary>
    public const int Elements = 32;

    private const int ScaleBytes = 2;
    private const int Half = Elements / 2;

    /// <summary>
    /// 4-bit codes q of q - 8 times the scale, which maps the element of largest magnitude to -8. Byte j holds element j
    /// in its low half and element j + 16 in its high half.
    /// </summary>
    public static void EncodeQ4(ReadOnlySpan<float> source, Span<byte> destination)
    {
        for (; source.Length >= Elements; source = source[Elements..], destination = destination[(ScaleBytes + Half)..])
        {
            // Of elements of equal magnitude the first one counts.
            var scale = source[IndexOfFirstLargest(source[..Elements])] / -8;
            var inverse = Inverse(scale);
            BinaryPrimitives.WriteHalfLittleEndian(destination, (System.Half)scale);
            var codes = destination.Slice(ScaleBytes, Half);
            for (var j = 0; j < codes.Length; j++)
                codes[j] = (byte)(Code4(source[j] * inverse) | (Code4(source[j + Half] * inverse) << 4));
        }
    }

    /// <summary>8-bit codes q of q times the scale, which maps the largest magnitude to 127; halves round away from zero.</summary>
    public static void EncodeQ8(ReadOnlySpan<float> source, Span<byte> destination)
    {
        for (; source.Length >= Elements; source = source[Elements..], destination = destination[(ScaleBytes + Elements)..])
        {
            var block = source[..Elements];
            var scale = Math.Abs(TensorPrimitives.MaxMagnitude(block)) / 127;
            var inverse = Inverse(scale);
            BinaryPrimitives.WriteHalfLittleEndian(destination, (System.Half)scale);
            var codes = destination.Slice(ScaleBytes, Elements);
            for (var j = 0; j < codes.Length; j++)
                codes[j] = (byte)(sbyte)MathF.Round(block[j] * inverse, MidpointRounding.AwayFromZero);
        }
    }

    private static int Code4(float scaled) => Math.Min(15, (int)(scaled + 8.5f));

    private static float Inverse(float scale) => scale == 0 ? 0 : 1 / scale;

    private static int IndexOfFirstLargest(ReadOnlySpan<float> block)
    {
        var found = 0;
        var largest = 0f;
        for (var j = 0; j < block.Length; j++)
        {
            if (Math.Abs(block[j]) > largest)
                (found, largest) = (j, Math.Abs(block[j]));
        }

        return found;
    }
}
