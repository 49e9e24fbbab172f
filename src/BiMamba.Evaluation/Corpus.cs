using System.Collections.Immutable;

namespace BiMamba.Evaluation;

/// <summary>A corpus as token ids.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">Lower-case hexadecimal SHA-256 of the file's bytes.</param>
/// <param name="TextBytes">UTF-8 bytes of the text that was tokenized; null for a file of ids, whose text is not known.</param>
/// <param name="Ids">Token ids of the whole corpus.</param>
/// <param name="TokenizerKind">Kind of the tokenizer, or <c>ids</c>.</param>
/// <param name="TokenizerHash">Hash of the tokenizer, or null for a file of ids.</param>
public sealed record Corpus(string Path, string Sha256, long? TextBytes, int[] Ids, string TokenizerKind, string? TokenizerHash)
{
    /// <summary>Name of the rule by which rows of the file were joined to one text.</summary>
    public string Join { get; init; } = JoinRule.None.Name;

    /// <summary>The documents, where each was tokenized by itself; otherwise one, which is the corpus.</summary>
    public ImmutableArray<CorpusDocument> Documents { get; init; } = [new(0, Ids.Length)];

    /// <summary>The token that the tokenizer adds before a text, or null.</summary>
    public int? BeginOfText { get; init; }

    /// <summary>The token from which the first one of a document is predicted, or null.</summary>
    public int? Prefix { get; init; }

    /// <summary>Words of the text: pieces between white space; null where they were not counted.</summary>
    public long? Words { get; init; }

    /// <summary>Tokens for every byte of text, or null.</summary>
    public double? TokensPerByte => TextBytes is > 0 and var bytes ? (double)Ids.Length / bytes : null;
}

/// <summary>A part of a corpus.</summary>
/// <param name="First">Its first token.</param>
/// <param name="Count">Its tokens.</param>
public readonly record struct CorpusDocument(int First, int Count);
