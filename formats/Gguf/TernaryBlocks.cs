using System.Buffers.Binary;
using System.Numerics.Tensors;

namespace BiMamba.Formats.Gguf;

/// <summary>
/// Blocks of 256 elements: codes, then a binary16 scale, the largest magnitude. Code 0, 1 or 2 is -1, 0 or 1 times the
/// scale.
/// </summary>
/// <remarks>Rounding is that of quantize_row_tq1_0_ref and quantize_row_tq2_0_ref of ggml-quants.c: halves away from zero.</remarks>
internal static class TernaryBlocks
{
    /// <summary>Elements of a block.</summary>
    public const int Elements = 256;

    private const int CodeBytes = Elements / 4;
    private const int Lane = 32;

    /// <summary>64 bytes of four codes: byte 32 c + m holds the elements 128 c + m, 32, 64 and 96 further, lowest bits first.</summary>
    public static void Encode(ReadOnlySpan<float> source, Span<byte> destination)
    {
        for (; source.Length >= Elements; source = source[Elements..], destination = destination[(CodeBytes + 2)..])
        {
            var scale = Math.Abs(TensorPrimitives.MaxMagnitude(source[..Elements]));
            var inverse = scale == 0 ? 0 : 1 / scale;
            EncodeHalf(source[..(Elements / 2)], inverse, destination[..Lane]);
            EncodeHalf(source[(Elements / 2)..Elements], inverse, destination[Lane..CodeBytes]);
            BinaryPrimitives.WriteHalfLittleEndian(destination[CodeBytes..], (Half)scale);
        }
    }

    /// <summary>
    /// 48 bytes of five base-3 digits and 4 bytes of four. A byte is its digits as a fraction of 256, rounded up. The first
    /// digits of a run of 32, of 16 or of 4 bytes are its first elements, then come the second digits, and so on.
    /// </summary>
    public static void EncodeDigits(ReadOnlySpan<float> source, Span<byte> destination)
    {
        const int bytes = 48 + 4;
        for (; source.Length >= Elements; source = source[Elements..], destination = destination[(bytes + 2)..])
        {
            var scale = Math.Abs(TensorPrimitives.MaxMagnitude(source[..Elements]));
            var inverse = scale == 0 ? 0 : 1 / scale;
            EncodeRun(source, 5, inverse, destination[..32]);
            EncodeRun(source[160..], 5, inverse, destination[32..48]);
            EncodeRun(source[240..], 4, inverse, destination[48..bytes]);
            BinaryPrimitives.WriteHalfLittleEndian(destination[bytes..], (Half)scale);
        }
    }

    private static void EncodeRun(ReadOnlySpan<float> source, int digits, float inverse, Span<byte> run)
    {
        const int most = 5, powers = 243;
        for (var m = 0; m < run.Length; m++)
        {
            var number = 0;
            for (var n = 0; n < most; n++)
                number = (number * 3) + (n < digits ? Code(source[(n * run.Length) + m] * inverse) : 0);
            run[m] = (byte)(((number * 256) + powers - 1) / powers);
        }
    }

    private static void EncodeHalf(ReadOnlySpan<float> source, float inverse, Span<byte> codes)
    {
        for (var m = 0; m < codes.Length; m++)
        {
            codes[m] = (byte)(Code(source[m] * inverse)
                | (Code(source[m + Lane] * inverse) << 2)
                | (Code(source[m + (2 * Lane)] * inverse) << 4)
                | (Code(source[m + (3 * Lane)] * inverse) << 6));
        }
    }

    /// <summary>One more than a value of at most about 1 in magnitude, rounded.</summary>
    private static int Code(float scaled) => scaled >= 0.5f ? 2 : scaled <= -0.5f ? 0 : 1;
}
