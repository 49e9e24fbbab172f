using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Bisection.Planting;

/// <summary>Changes of single weights, in every encoding that a pass can leave.</summary>
internal static class WeightEdit
{
    /// <summary>The weight with the signs of some elements of its last two axes turned over; a zero becomes +1.</summary>
    public static Resource Negate(Resource weight, IEnumerable<(long Row, long Column)> elements)
    {
        var bytes = weight.Data.ToBytes();
        foreach (var (row, column) in elements)
            Negate(weight, bytes, row, column);
        return With(weight, bytes);
    }

    private static void Negate(Resource weight, byte[] bytes, long row, long column)
    {
        var element = (row * weight.Shape[weight.Shape.Rank - 1]) + column;
        switch (weight.Encoding)
        {
            case Encoding.Sign1:
                var (at, bit) = SignTiles.Locate((int)row, (int)column, (int)weight.Shape[1]);
                bytes[at] ^= (byte)(1 << bit);
                break;
            case Encoding.Trit or Encoding.I8:
                bytes[element] = (byte)(bytes[element] == 0 ? 1 : -(sbyte)bytes[element]);
                break;
            case Encoding.I4:
                NegateNibble(bytes, (row * ((weight.Shape[1] + 1) / 2)) + (column / 2), (int)(column % 2) * 4);
                break;
            default:
                var size = weight.Data.Type.Size();
                bytes[(element * size) + size - 1] ^= 0x80;
                break;
        }
    }

    /// <summary>The weight with every element, as a float, replaced; only for floating-point encodings.</summary>
    public static Resource Map(Resource weight, Func<float[], float[]> change)
    {
        var values = change(weight.Data.ToSingles());
        var bytes = weight.Encoding switch
        {
            Encoding.F32 => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
            Encoding.F16 => MemoryMarshal.AsBytes(values.Select(value => (Half)value).ToArray().AsSpan()).ToArray(),
            Encoding.BF16 => MemoryMarshal.AsBytes(values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).ToArray().AsSpan()).ToArray(),
            _ => throw new InvalidOperationException($"{weight.TypeText} has no floats"),
        };
        return With(weight, bytes);
    }

    private static Resource With(Resource weight, byte[] bytes) =>
        new(weight.Name, weight.Encoding, weight.Shape, new MemoryTensor(bytes, weight.Data.Type, weight.Data.Shape));

    private static void NegateNibble(byte[] bytes, long at, int shift)
    {
        var nibble = -(bytes[at] >> shift) & 15;
        bytes[at] = (byte)((bytes[at] & ~(15 << shift)) | (nibble << shift));
    }
}
