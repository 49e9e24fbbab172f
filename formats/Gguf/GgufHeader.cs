using System.Text;

namespace BiMamba.Formats.Gguf;

/// <summary>The start of a file: counts, metadata, the table of tensors, padding.</summary>
internal static class GgufHeader
{
    /// <summary>Every tensor starts at a multiple of this, the default of the format.</summary>
    public const int Alignment = 32;

    private const uint Version = 3;

    /// <summary>Strict, so that a lone surrogate is an error instead of a replacement character.</summary>
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bytes before the first tensor.</summary>
    public static byte[] Write(IReadOnlyList<KeyValuePair<string, GgufValue>> metadata, IReadOnlyList<GgufTensor> tensors)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Utf8);
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        foreach (var (key, value) in metadata)
        {
            WriteText(writer, key);
            writer.Write(value.TypeNumber);
            value.Write(writer);
        }

        ulong offset = 0;
        foreach (var tensor in tensors)
        {
            WriteText(writer, tensor.Name);
            writer.Write(tensor.Source.Shape.Rank);
            foreach (var dim in tensor.Source.Shape.Dims.Reverse())
                writer.Write((ulong)dim);
            writer.Write(tensor.Type.Number);
            writer.Write(offset);
            offset += (ulong)(tensor.ByteLength + PaddingAfter(tensor.ByteLength));
        }

        writer.Write(new byte[PaddingAfter(stream.Length)]);
        return stream.ToArray();
    }

    /// <summary>Bytes from a place to the next multiple of the alignment.</summary>
    public static int PaddingAfter(long place) => (int)(-place & (Alignment - 1));

    /// <summary>Writes a length of 64 bits and UTF-8.</summary>
    public static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Utf8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    /// <summary>Bytes of a text as UTF-8.</summary>
    public static int ByteCount(string text) => Utf8.GetByteCount(text);
}
