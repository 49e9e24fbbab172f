using System.Text;

namespace BiMamba.Gguf.Tests;

/// <summary>A GGUF file written byte by byte, also a broken one.</summary>
internal sealed class GgufBytes
{
    private readonly List<byte> written = [];

    /// <summary>A file with its signature, version and counts.</summary>
    public static GgufBytes Head(ulong tensors, ulong pairs, uint version = 3) => new GgufBytes().Raw("GGUF"u8).U32(version).U64(tensors, pairs);

    /// <summary>A sound file of two pairs, one of them an array, and two tensors of 4 and 32 elements.</summary>
    public static GgufBytes Sound() => Head(2, 3)
        .Text("general.alignment").U32(4, 32)
        .Text("k").U32(9, 8).U64(2).Text("a").Text("é")
        .Text("b").U32(7).Raw([1])
        .Tensor("x", 0, 0, 4).Tensor("y", 8, 32, 32).Align().Raw(new byte[32]).Raw(new byte[34]);

    public GgufBytes Raw(ReadOnlySpan<byte> bytes)
    {
        written.AddRange(bytes);
        return this;
    }

    public GgufBytes U32(params ReadOnlySpan<uint> values)
    {
        foreach (var value in values)
            written.AddRange(BitConverter.GetBytes(value));
        return this;
    }

    public GgufBytes U64(params ReadOnlySpan<ulong> values)
    {
        foreach (var value in values)
            written.AddRange(BitConverter.GetBytes(value));
        return this;
    }

    public GgufBytes Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return U64((ulong)bytes.Length).Raw(bytes);
    }

    /// <summary>A row of the table of tensors; dimensions fastest first.</summary>
    public GgufBytes Tensor(string name, uint type, ulong offset, params ReadOnlySpan<ulong> dims) =>
        Text(name).U32((uint)dims.Length).U64(dims).U32(type).U64(offset);

    public GgufBytes Align(int step = 32)
    {
        while (written.Count % step != 0)
            written.Add(0);
        return this;
    }

    public byte[] ToArray() => [.. written];
}
