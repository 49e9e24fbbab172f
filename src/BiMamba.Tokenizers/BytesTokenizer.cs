namespace BiMamba.Tokenizers;

/// <summary>The tokenizer of byte models: 256 ids, and the id is the byte.</summary>
public sealed class BytesTokenizer : Tokenizer
{
    /// <summary>The value of <see cref="Tokenizer.Kind"/>.</summary>
    public const string KindName = "bytes";

    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];

    /// <summary>Makes the tokenizer. All instances are alike.</summary>
    public BytesTokenizer()
        : base(KindName, SourceText.ToArray())
    {
    }

    /// <inheritdoc/>
    public override int VocabularySize => 256;

    /// <summary>What stands for this tokenizer where another one has its tokenizer.json.</summary>
    internal static ReadOnlySpan<byte> SourceText => "bytes"u8;

    /// <inheritdoc/>
    public override int[] EncodeLong(ReadOnlySpan<byte> utf8, bool addSpecialTokens, CancellationToken cancellation)
    {
        var ids = new int[utf8.Length];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = utf8[i];
        return ids;
    }

    /// <inheritdoc/>
    public override bool HasToken(int id) => id is >= 0 and < 256;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> TokenBytes(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, VocabularySize);
        return AllBytes.AsSpan(id, 1);
    }
}
