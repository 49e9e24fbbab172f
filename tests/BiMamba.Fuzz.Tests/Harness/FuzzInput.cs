using BiMamba.Tensors;

namespace BiMamba.Fuzz.Tests.Harness;

/// <summary>The input of a case: bytes, and a file where a parser wants one.</summary>
/// <param name="folder">A folder of the run alone.</param>
/// <param name="extension">The ending of the file.</param>
internal sealed class FuzzInput(string folder, string extension)
{
    private readonly byte[] buffer = new byte[1 << 16];

    /// <summary>The bytes.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <summary>A folder of the run alone.</summary>
    public string Folder => folder;

    /// <summary>The path of a file with the bytes; written on every call.</summary>
    public string Write() => Write("input" + extension);

    /// <summary>The path of a file of a name with the bytes; written on every call.</summary>
    public string Write(string name)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, Bytes);
        return path;
    }

    /// <summary>
    /// Reads all bytes of a tensor in pieces, so that a byte outside its file shows. Views can repeat elements without
    /// end: of more than 16 MiB the first and the last are read.
    /// </summary>
    public void ReadAll(Tensor tensor)
    {
        const long Most = 16 << 20;
        for (long offset = 0; offset < Math.Min(tensor.ByteLength, Most); offset += buffer.Length)
            tensor.Read(offset, buffer.AsSpan(0, (int)Math.Min(buffer.Length, tensor.ByteLength - offset)));
        var last = (int)Math.Min(tensor.ByteLength, buffer.Length);
        tensor.Read(tensor.ByteLength - last, buffer.AsSpan(0, last));
        if (tensor.TryGetSpan(0, last, out var span) && !span.IsEmpty)
            buffer[0] = span[^1];
    }
}
