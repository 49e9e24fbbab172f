using System.Buffers.Binary;

namespace BiMamba.Formats.Gguf;

/// <summary>
/// Blocks of 128 elements: a binary16 scale, the mean magnitude, then 16 bytes of bits, lowest first. A bit is set where
/// the element is not negative, and stands for the scale; otherwise it stands for minus the scale.
/// </summary>
/// <remarks>Rounding is that of quantize_row_q1_0_ref of ggml-quants.c: the magnitudes are added one by one in binary32.</remarks>
internal static class SignBlocks
{
    /// <summary>Elements of a block.</summary>
    public const int Elements = 128;

    private const int ScaleBytes = 2;
    private const int SignBytes = Elements / 8;

    /// <summary>Encodes blocks.</summary>
    public static void Encode(ReadOnlySpan<float> source, Span<byte> destination)
    {
        for (; source.Length >= Elements; source = source[Elements..], destination = destination[(ScaleBytes + SignBytes)..])
        {
            var sum = 0f;
            foreach (var element in source[..Elements])
                sum += Math.Abs(element);
            BinaryPrimitives.WriteHalfLittleEndian(destination, (Half)(sum / Elements));
            for (var j = 0; j < SignBytes; j++)
                destination[ScaleBytes + j] = Signs(source.Slice(8 * j, 8));
        }
    }

    private static byte Signs(ReadOnlySpan<float> eight)
    {
        var bits = 0;
        for (var i = 0; i < eight.Length; i++)
            bits |= (eight[i] >= 0 ? 1 : 0) << i;
        return (byte)bits;
    }
}
