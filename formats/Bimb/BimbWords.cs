using BiMamba.IR;

namespace BiMamba.Formats.Bimb;

/// <summary>The words of <c>bimb.spec</c> and the enumerations that stand for them: by name, numbers are the spec's own.</summary>
internal static class BimbWords
{
    internal static Encoding? FindEncoding(string word) => Encodings.All.FirstOrDefault(row => row.Name == word)?.Encoding;

    internal static Level? FindLevel(string word) => Levels.All.FirstOrDefault(row => row.Name == word)?.Level;

    internal static BimbTokenizerKind TokenizerKind(string word) => word switch
    {
        "none" => BimbTokenizerKind.None,
        "bytes" => BimbTokenizerKind.Bytes,
        "json" => BimbTokenizerKind.Json,
        _ => throw new InvalidOperationException($"unknown tokenizer kind {word}"),
    };

    internal static string Of(BimbTokenizerKind kind) => kind switch
    {
        BimbTokenizerKind.None => "none",
        BimbTokenizerKind.Bytes => "bytes",
        BimbTokenizerKind.Json => "json",
        _ => throw new InvalidOperationException($"unknown tokenizer kind {kind}"),
    };
}
