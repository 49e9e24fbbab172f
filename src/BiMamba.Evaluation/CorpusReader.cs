using System.Collections.Immutable;
using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tokenizers;

namespace BiMamba.Evaluation;

/// <summary>
/// Reads a corpus: a text, which is tokenized whole, the documents of a <c>.jsonl</c> file, or a file of ids
/// (<c>.npy</c>, <c>.bin</c>, <c>.ids</c>, <c>.json</c>).
/// </summary>
public static class CorpusReader
{
    /// <summary>Larger files are refused: a corpus is read whole.</summary>
    public const long MaxBytes = 1L << 30;

    private static readonly string[] IdExtensions = [".npy", ".bin", ".ids", ".json"];

    /// <summary>The corpus as it is; null where the bag got an error. Ids are checked against the vocabulary.</summary>
    /// <inheritdoc cref="Read(string, Tokenizer?, int, CorpusOptions, DiagnosticBag, CancellationToken)"/>
    public static Corpus? Read(string path, Tokenizer? tokenizer, int vocabularyRows, DiagnosticBag diagnostics, CancellationToken cancellation = default) =>
        Read(path, tokenizer, vocabularyRows, new CorpusOptions(), diagnostics, cancellation);

    /// <summary>The corpus; null where the bag got an error. Ids are checked against the vocabulary.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokenizer">Tokenizer of the model, or null, which only files of ids allow.</param>
    /// <param name="vocabularyRows">Rows of the model's head.</param>
    /// <param name="options">How rows become a text, and texts become ids.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="cancellation">Stops the work between words.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Corpus? Read(string path, Tokenizer? tokenizer, int vocabularyRows, CorpusOptions options, DiagnosticBag diagnostics, CancellationToken cancellation = default)
    {
        if (ReadBytes(path, diagnostics) is not { } bytes)
            return null;
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (IdExtensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
        {
            return TokenIdFile.Parse(path, bytes, vocabularyRows, diagnostics) is { } ids && CheckIds(ids, vocabularyRows, path, diagnostics)
                ? new Corpus(path, sha256, null, ids, "ids", null) { Prefix = options.Prefix }
                : null;
        }

        if (tokenizer is null)
        {
            diagnostics.Add(RuntimeDiagnostics.NoTokenizer, "the text is to be tokenized, but the model has no tokenizer", Place.OfFile(path), "pass --tokenizer tokenizer.json, or a file of ids (.npy, .bin, .ids, .json)");
            return null;
        }

        if (CorpusText.Read(path, bytes, options, diagnostics) is not { } texts)
            return null;
        var corpus = Tokenize(path, sha256, texts, tokenizer, options, cancellation);
        return CheckIds(corpus.Ids, vocabularyRows, path, diagnostics) ? corpus : null;
    }

    private static Corpus Tokenize(string path, string sha256, IReadOnlyList<ReadOnlyMemory<byte>> texts, Tokenizer tokenizer, CorpusOptions options, CancellationToken cancellation)
    {
        int[][] parts = [.. texts.Select(text => tokenizer.EncodeLong(text.Span, !options.IsByDocument, cancellation))];
        var documents = ImmutableArray.CreateBuilder<CorpusDocument>(parts.Length);
        var first = 0;
        foreach (var part in parts)
        {
            documents.Add(new CorpusDocument(first, part.Length));
            first += part.Length;
        }

        return new Corpus(path, sha256, texts.Sum(text => (long)text.Length), parts is [var only] ? only : [.. parts.SelectMany(part => part)], tokenizer.Kind, tokenizer.Hash)
        {
            Join = options.Join.Name,
            Documents = documents.ToImmutable(),
            BeginOfText = tokenizer.BeginOfTextId,
            Prefix = options.Prefix ?? tokenizer.BeginOfTextId ?? tokenizer.EndOfTextId,
            Words = options.IsByDocument ? texts.Sum(text => CorpusText.Words(text.Span)) : null,
        };
    }

    /// <summary>True where every id is a row of the head; otherwise an error names the first that is not.</summary>
    public static bool CheckIds(ReadOnlySpan<int> ids, int vocabularyRows, string place, DiagnosticBag diagnostics)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] < (uint)vocabularyRows)
                continue;
            diagnostics.Add(RuntimeDiagnostics.IdOutsideVocabulary, $"id {ids[i]} at position {i} is outside the vocabulary: expected 0 to {vocabularyRows - 1}", Place.OfFile(place), "the tokenizer and the model do not belong together");
            return false;
        }

        return true;
    }

    private static byte[]? ReadBytes(string path, DiagnosticBag diagnostics)
    {
        using var map = Tensors.FileMap.Open(path, diagnostics);
        if (map is null)
            return null;
        if (map.Length > MaxBytes)
        {
            diagnostics.Add(RuntimeDiagnostics.TokenFile, $"expected at most {MaxBytes} bytes, found {map.Length}", Place.OfFile(path), "evaluate a part of the text");
            return null;
        }

        var bytes = GC.AllocateUninitializedArray<byte>((int)map.Length);
        map.Read(0, bytes);
        return bytes;
    }
}
