using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BiMamba.Formats.Spec;

/// <summary>Turns a laid-out tree into bytes.</summary>
public static class SpecEncoder
{
    /// <summary>The bytes of a value, without regions: a file up to its data region.</summary>
    public static byte[] Encode(SpecNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Append(node, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    internal static byte[] Sha256(SpecNode node) => SHA256.HashData(Encode(node));

    /// <summary>Appends an integer of 1, 2, 4 or 8 bytes, little-endian.</summary>
    internal static void AppendInteger(Int128 value, int size, ArrayBufferWriter<byte> buffer)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, value);
        buffer.Write(bytes[..size]);
    }

    private static void Append(SpecNode node, ArrayBufferWriter<byte> buffer)
    {
        switch (node)
        {
            case SpecIntegerNode integer:
                AppendInteger(integer.Value ?? throw new InvalidOperationException($"{node.Path} has no value"), integer.Storage.Size, buffer);
                break;
            case SpecFloatNode number:
                AppendFloat(number, buffer);
                break;
            case SpecTextNode text:
                if (text.PrefixSize > 0)
                    AppendInteger(text.Size - text.PrefixSize, text.PrefixSize, buffer);
                buffer.Write(Encoding.UTF8.GetBytes(text.Value));
                break;
            case SpecBytesNode bytes:
                buffer.Write(bytes.Span);
                break;
            case SpecZeroNode:
                buffer.Write(new byte[node.Size]);
                break;
            case SpecRegionNode:
                break;
            case SpecRecordNode record:
                foreach (var child in record.Children)
                    Append(child!, buffer);
                break;
            case SpecArrayNode array:
                if (array.Type is SpecType.Array { Prefix: { } prefix })
                    AppendInteger(array.Items.Count, prefix.Size, buffer);
                foreach (var item in array.Items)
                    Append(item, buffer);
                break;
            case SpecUnionNode union:
                AppendInteger(union.Case.Tag, union.TagSize, buffer);
                Append(union.Content!, buffer);
                break;
        }
    }

    private static void AppendFloat(SpecFloatNode number, ArrayBufferWriter<byte> buffer)
    {
        if (number.Size == 4)
        {
            BinaryPrimitives.WriteSingleLittleEndian(buffer.GetSpan(4), (float)number.Value);
            buffer.Advance(4);
        }
        else
        {
            BinaryPrimitives.WriteDoubleLittleEndian(buffer.GetSpan(8), number.Value);
            buffer.Advance(8);
        }
    }
}
