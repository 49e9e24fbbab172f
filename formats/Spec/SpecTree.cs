namespace BiMamba.Formats.Spec;

/// <summary>The values of a file: read from bytes, or laid out to be written.</summary>
public sealed class SpecTree
{
    private readonly Dictionary<SpecNode, byte[]> hashes = [];

    internal SpecTree(SpecFormat format, string name, SpecSource? source)
    {
        Format = format;
        Name = name;
        Source = source;
        Root = (SpecRecordNode)SpecLayout.NewRecord(format.Root, new SpecType.Named(SpecFormat.RootName, [], 0), null, null, -1);
    }

    /// <summary>The spec.</summary>
    public SpecFormat Format { get; }

    /// <summary>What diagnostics name as the file.</summary>
    public string Name { get; }

    /// <summary>The whole file.</summary>
    public SpecRecordNode Root { get; }

    /// <summary>Bytes of the whole file; null until a writer has laid it out.</summary>
    public long? Total { get; internal set; }

    /// <summary>The bytes of a file that was read, or null.</summary>
    internal SpecSource? Source { get; }

    /// <summary>Derives the value of a field that a writer left open; null in a file that was read.</summary>
    internal Func<SpecNode, bool>? Derive { get; set; }

    /// <summary>The SHA-256 of the bytes of a value.</summary>
    internal byte[] Sha256(SpecNode node)
    {
        if (hashes.TryGetValue(node, out var hash))
            return hash;
        hash = Source is null ? SpecEncoder.Sha256(node) : Sha256(Source, node.Offset, node.Size);
        hashes.Add(node, hash);
        return hash;
    }

    /// <summary>Keeps a hash that is known, so that it is computed once.</summary>
    internal void Remember(SpecNode node, byte[] hash) => hashes.TryAdd(node, hash);

    /// <summary>The SHA-256 of a range of a file, read in pieces.</summary>
    internal static byte[] Sha256(SpecSource source, long offset, long size)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        const int Piece = 1 << 20;
        for (var end = offset + size; offset < end; offset += Piece)
            hash.AppendData(source.Span(offset, (int)Math.Min(Piece, end - offset)));
        return hash.GetHashAndReset();
    }
}
