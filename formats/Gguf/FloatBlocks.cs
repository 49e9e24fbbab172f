using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace BiMamba.Formats.Gguf;

/// <summary>Types without blocks: an element is a floating-point number.</summary>
internal static class FloatBlocks
{
    /// <summary>The bits as they are.</summary>
    public static void EncodeF32(ReadOnlySpan<float> source, Span<byte> destination) =>
        MemoryMarshal.AsBytes(source).CopyTo(destination);

    /// <summary>Rounded to nearest, ties to even; over 65504 to infinity.</summary>
    public static void EncodeF16(ReadOnlySpan<float> source, Span<byte> destination) =>
        TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(destination[..(source.Length * 2)]));

    /// <summary>Rounded to nearest, ties to even; a NaN stays one.</summary>
    public static void EncodeBF16(ReadOnlySpan<float> source, Span<byte> destination)
    {
        var words = MemoryMarshal.Cast<byte, ushort>(destination[..(source.Length * 2)]);
        for (var i = 0; i < words.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(source[i]);
            words[i] = float.IsNaN(source[i]) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }
}
