using System.Buffers.Binary;
using System.Globalization;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>Numbers as little-endian bytes.</summary>
internal static class NumberBytes
{
    private static readonly Dictionary<string, int> Sizes = new(StringComparer.Ordinal)
    {
        ["u8"] = 1, ["u16"] = 2, ["u32"] = 4, ["u64"] = 8, ["i8"] = 1, ["i16"] = 2, ["i32"] = 4, ["i64"] = 8, ["f16"] = 2, ["bf16"] = 2, ["f32"] = 4, ["f64"] = 8,
    };

    /// <summary>True for the name of a number type.</summary>
    public static bool IsType(string word) => Sizes.ContainsKey(word);

    /// <summary>Bytes of one number of a type.</summary>
    public static int Size(string type) => Sizes[type];

    /// <summary>A number as bytes, or null where it does not fit the type.</summary>
    public static byte[]? Of(string type, string number)
    {
        if (!IsType(type))
            return null;
        return type[0] is 'u' or 'i' ? Integer(type, number) : Fraction(type, number);
    }

    /// <summary>Reads a whole number, decimal or 0x.</summary>
    public static bool TryInteger(string text, out Int128 value) => text.StartsWith("0x", StringComparison.Ordinal)
        ? Int128.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static byte[]? Integer(string type, string number)
    {
        var size = Sizes[type];
        var bits = size * 8;
        var low = type[0] == 'u' ? Int128.Zero : -(Int128.One << (bits - 1));
        var high = (Int128.One << (type[0] == 'u' ? bits : bits - 1)) - 1;
        if (!TryInteger(number, out var value) || value < low || value > high)
            return null;
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, value);
        return bytes[..size];
    }

    private static byte[]? Fraction(string type, string number)
    {
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return null;
        var bytes = new byte[Sizes[type]];
        switch (type)
        {
            case "f16":
                BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value);
                break;
            case "bf16":
                // The upper half of a single: numbers in cases are exact in bfloat16.
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16));
                break;
            case "f32":
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value);
                break;
            default:
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                break;
        }

        return bytes;
    }
}
