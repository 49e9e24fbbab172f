namespace BiMamba.Formats.Bimb;

/// <summary>What turns text into ids.</summary>
public enum BimbTokenizerKind
{
    /// <summary>No tokenizer is stored.</summary>
    None,

    /// <summary>The ids are the bytes of the text.</summary>
    Bytes,

    /// <summary>A tokenizer.json file.</summary>
    Json,
}

/// <summary>The tokenizer of a file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Content">The bytes of tokenizer.json; empty for the other kinds.</param>
public sealed record BimbTokenizer(BimbTokenizerKind Kind, ReadOnlyMemory<byte> Content)
{
    /// <summary>No tokenizer.</summary>
    public static BimbTokenizer None { get; } = new(BimbTokenizerKind.None, default);

    /// <summary>The bytes of the text are the ids.</summary>
    public static BimbTokenizer Bytes { get; } = new(BimbTokenizerKind.Bytes, default);

    /// <summary>A tokenizer.json file.</summary>
    public static BimbTokenizer Json(ReadOnlyMemory<byte> content) => new(BimbTokenizerKind.Json, content);
}
