using System.Text;

namespace BiMamba.Spec.Tests;

/// <summary>Small good files, written byte by byte: nothing here knows the specs.</summary>
internal static class TinyFiles
{
    /// <summary>A safetensors file with one tensor of four floats and a padded header.</summary>
    internal static byte[] Safetensors()
    {
        var header = """{"__metadata__":{"format":"pt"},"é":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}} """;
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        var bytes = Encoding.UTF8.GetBytes(header);
        writer.Write((long)bytes.Length);
        writer.Write(bytes);
        foreach (var value in (float[])[1, -2, 0.5f, 0])
            writer.Write(value);
        return stream.ToArray();
    }

    /// <summary>A GGUF file with every type of value, arrays in arrays, and tensors of three types.</summary>
    internal static byte[] Gguf(uint version = 3, uint alignment = 64)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        Action[] pairs =
        [
            () => Pair(writer, "general.architecture", 8, () => Text(writer, "mamba")),
            () => Pair(writer, "general.alignment", 4, () => writer.Write(alignment)),
            () => Pair(writer, "v.uint8", 0, () => writer.Write((byte)200)),
            () => Pair(writer, "v.int8", 1, () => writer.Write((sbyte)-7)),
            () => Pair(writer, "v.uint16", 2, () => writer.Write((ushort)60_000)),
            () => Pair(writer, "v.int16", 3, () => writer.Write((short)-300)),
            () => Pair(writer, "v.int32", 5, () => writer.Write(-70_000)),
            () => Pair(writer, "v.float32", 6, () => writer.Write(1e-5f)),
            () => Pair(writer, "v.bool", 7, () => writer.Write(true)),
            () => Pair(writer, "v.uint64", 10, () => writer.Write(ulong.MaxValue)),
            () => Pair(writer, "v.int64", 11, () => writer.Write(long.MinValue)),
            () => Pair(writer, "v.float64", 12, () => writer.Write(-0.1)),
            () => Pair(writer, "a.strings", 9, () => List(writer, 8, () => Text(writer, "<s>"), () => Text(writer, ""), () => Text(writer, "é"))),
            () => Pair(writer, "a.floats", 9, () => List(writer, 6, () => writer.Write(0f), () => writer.Write(float.NegativeInfinity))),
            () => Pair(writer, "a.bools", 9, () => List(writer, 7, () => writer.Write((byte)1), () => writer.Write((byte)0))),
            () => Pair(writer, "a.nested", 9, () => List(writer, 9, () => List(writer, 0, () => writer.Write((byte)1), () => writer.Write((byte)2)), () => List(writer, 10))),
        ];
        writer.Write("GGUF"u8);
        writer.Write(version);
        writer.Write(3L);
        writer.Write((long)pairs.Length);
        foreach (var pair in pairs)
            pair();
        Tensor(writer, "blk.0.weight", 2, 0, 32, 2);
        Tensor(writer, "blk.0.bias", 0, Align(36, alignment), 3);
        Tensor(writer, "blk.0.half", 1, Align(36, alignment) + Align(12, alignment));
        writer.Write(new byte[Align(stream.Length, alignment) - stream.Length]);
        foreach (var size in (int[])[36, 12, 2])
        {
            writer.Write(Enumerable.Range(1, size).Select(i => (byte)i).ToArray());
            writer.Write(new byte[Align(size, alignment) - size]);
        }

        return stream.ToArray();
    }

    /// <summary>The start of a GGUF file: signature, version 3 and both counts.</summary>
    internal static byte[] GgufHead(ulong tensors, ulong pairs, params ReadOnlySpan<byte> rest) =>
        [.. "GGUF"u8, .. BitConverter.GetBytes(3), .. BitConverter.GetBytes(tensors), .. BitConverter.GetBytes(pairs), .. rest];

    /// <summary>A GGUF file without tensors whose only value is a list: element type, count, bytes.</summary>
    internal static byte[] GgufList(int type, ulong count, params ReadOnlySpan<byte> items) =>
        GgufHead(0, 1, [.. BitConverter.GetBytes(1L), (byte)'k', .. BitConverter.GetBytes(9), .. BitConverter.GetBytes(type), .. BitConverter.GetBytes(count), .. items]);

    private static long Align(long value, long step) => (value + step - 1) / step * step;

    private static void Text(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((long)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pair(BinaryWriter writer, string key, int type, Action value)
    {
        Text(writer, key);
        writer.Write(type);
        value();
    }

    private static void List(BinaryWriter writer, int type, params Action[] items)
    {
        writer.Write(type);
        writer.Write((long)items.Length);
        foreach (var item in items)
            item();
    }

    private static void Tensor(BinaryWriter writer, string name, int type, long offset, params long[] dims)
    {
        Text(writer, name);
        writer.Write(dims.Length);
        foreach (var dim in dims)
            writer.Write(dim);
        writer.Write(type);
        writer.Write(offset);
    }
}
