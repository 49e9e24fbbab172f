using System.Buffers.Binary;
using System.Globalization;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>A type of numbers in a case file.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Size">Bytes of one number.</param>
/// <param name="Safetensors">Its dtype in a safetensors header.</param>
/// <param name="Torch">Its storage in a torch file; null where there is none.</param>
internal sealed record NumberType(string Name, int Size, string Safetensors, string? Torch);

/// <summary>Numbers as little-endian bytes.</summary>
internal static class NumberBytes
{
    /// <summary>The one table of number types.</summary>
    public static IReadOnlyList<NumberType> Types { get; } =
    [
        new("u8", 1, "U8", "ByteStorage"),
        new("u16", 2, "U16", null),
        new("u32", 4, "U32", null),
        new("u64", 8, "U64", null),
        new("i8", 1, "I8", "CharStorage"),
        new("i16", 2, "I16", "ShortStorage"),
        new("i32", 4, "I32", "IntStorage"),
        new("i64", 8, "I64", "LongStorage"),
        new("f16", 2, "F16", "HalfStorage"),
        new("bf16", 2, "BF16", "BFloat16Storage"),
        new("f32", 4, "F32", "FloatStorage"),
        new("f64", 8, "F64", "DoubleStorage"),
    ];

    /// <summary>The type of a name, or null.</summary>
    public static NumberType? Find(string name) => Types.FirstOrDefault(type => type.Name == name);

    /// <summary>A number as bytes, or null where it does not fit the type.</summary>
    public static byte[]? Of(string type, string number) => Find(type) switch
    {
        null => null,
        { Name: ['u' or 'i', ..] } integer => Integer(integer, number),
        var fraction => Fraction(fraction, number),
    };

    /// <summary>Reads a whole number, decimal or 0x.</summary>
    public static bool TryInteger(string text, out Int128 value) => text.StartsWith("0x", StringComparison.Ordinal)
        ? Int128.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static byte[]? Integer(NumberType type, string number)
    {
        var bits = type.Size * 8;
        var isUnsigned = type.Name[0] == 'u';
        var low = isUnsigned ? Int128.Zero : -(Int128.One << (bits - 1));
        var high = (Int128.One << (isUnsigned ? bits : bits - 1)) - 1;
        if (!TryInteger(number, out var value) || value < low || value > high)
            return null;
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, value);
        return bytes[..type.Size];
    }

    private static byte[]? Fraction(NumberType type, string number)
    {
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return null;
        var bytes = new byte[type.Size];
        switch (type.Name)
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
