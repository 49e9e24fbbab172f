using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tokenizers;

namespace BiMamba.Evaluation;

/// <summary>Reads a corpus: a text, which is tokenized whole, or a file of ids (<c>.npy</c>, <c>.ids</c>, <c>.json</c>).</summary>
public static class CorpusReader
{
    /// <summary>Larger files are refused: a corpus is read whole.</summary>
    public const long MaxBytes = 1L << 30;

    private static readonly string[] IdExtensions = [".npy", ".ids", ".json"];

    /// <summary>The corpus; null where the bag got an error. Ids are checked against the vocabulary.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokenizer">Tokenizer of the model, or null, which only files of ids allow.</param>
    /// <param name="vocabularyRows">Rows of the model's head.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public static Corpus? Read(string path, Tokenizer? tokenizer, int vocabularyRows, DiagnosticBag diagnostics)
    {
        if (ReadBytes(path, diagnostics) is not { } bytes)
            return null;
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Corpus corpus;
        if (IdExtensions.Contains(System.IO.Path.GetExtension(path).ToLowerInvariant()))
        {
            if (TokenIdFile.Parse(path, bytes, diagnostics) is not { } ids)
                return null;
            corpus = new Corpus(path, sha256, null, ids, "ids", null);
        }
        else if (tokenizer is null)
        {
            diagnostics.Add(RuntimeDiagnostics.NoTokenizer, "the text is to be tokenized, but the model has no tokenizer", Place.OfFile(path), "pass --tokenizer tokenizer.json, or a file of ids (.npy, .ids, .json)");
            return null;
        }
        else
        {
            corpus = new Corpus(path, sha256, bytes.LongLength, tokenizer.Encode(bytes, addSpecialTokens: true), tokenizer.Kind, tokenizer.Hash);
        }

        return CheckIds(corpus.Ids, vocabularyRows, path, diagnostics) ? corpus : null;
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

        return map.Span(0, (int)map.Length).ToArray();
    }
}
