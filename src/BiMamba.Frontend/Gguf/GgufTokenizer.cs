using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Formats.Gguf;

namespace BiMamba.Frontend.Gguf;

/// <summary>The tokenizer of a GGUF file: the tokenizer.json that it holds, or one that is made of its vocabulary.</summary>
/// <remarks>Source: the section "Tokenizer" of docs/gguf.md of ggml, and llama-vocab.cpp of llama.cpp.</remarks>
internal static class GgufTokenizer
{
    private const string JsonKey = "tokenizer.huggingface.json";
    private const string ModelKey = "tokenizer.ggml.model";
    private const int ByteCount = 256;

    // Pre-tokenizers of llama.cpp that split text as GPT-2 does. Files from before the key have none; these are of GPT-2
    // and GPT-NeoX.
    private static readonly ImmutableArray<string> Gpt2Splits = ["gpt-2", "default", "mpt", "olmo", "jais", "phi-2"];

    /// <summary>The tokenizer, or null where the file has none or, with <see cref="GgufDiagnostics.Tokenizer"/>, none that can be used.</summary>
    public static StoredTokenizer? Read(GgufFile file, DiagnosticBag diagnostics)
    {
        if (file.Find(JsonKey)?.AsText() is { } json)
            return new StoredTokenizer(System.Text.Encoding.UTF8.GetBytes(json), IsBytes: false);
        if (file.Find(ModelKey) is not { } model || model.AsText() is "no_vocab" or "none")
            return null;
        if (model.AsText() is not ("gpt2" or "llama"))
        {
            GgufVocabulary.Refuse(file, ModelKey, $"expected gpt2 or llama, found {(model.AsText() is { } word ? $"'{Printable.Name(word)}'" : "no text")}", diagnostics);
            return null;
        }

        if (GgufVocabulary.Read(file, diagnostics) is not { } vocabulary)
            return null;
        return model.AsText() == "gpt2" ? ByteLevel(vocabulary) : SentencePiece(vocabulary);
    }

    private static StoredTokenizer? ByteLevel(GgufVocabulary vocabulary)
    {
        if (IsBytes(vocabulary))
            return new StoredTokenizer(default, IsBytes: true);
        if (vocabulary.Text("pre") is { } split && !Gpt2Splits.Contains(split))
        {
            vocabulary.Refuse("pre", $"expected a pre-tokenizer that splits as GPT-2 does ({string.Join(", ", Gpt2Splits)}), found '{Printable.Name(split)}'");
            return null;
        }

        var broken = vocabulary.Merges.FirstOrDefault(merge => merge.Count(letter => letter == ' ') != 1);
        if (broken is not null)
        {
            vocabulary.Refuse("merges", $"expected two tokens with a space between them, found '{Printable.Name(broken)}'");
            return null;
        }

        var merged = vocabulary.Merges.SelectMany(merge => merge.Split(' ').Append(merge.Replace(" ", "", StringComparison.Ordinal))).ToHashSet(StringComparer.Ordinal);
        var text = new TokenizerText(vocabulary, id => IsPiece(vocabulary, id) || merged.Contains(vocabulary.Tokens[id]));
        return new StoredTokenizer(text.ByteLevel(vocabulary.Merges), IsBytes: false);
    }

    private static StoredTokenizer? SentencePiece(GgufVocabulary vocabulary)
    {
        if (vocabulary.Scores is not { } scores)
        {
            vocabulary.Refuse("scores", "expected the scores of the tokens, found no such key");
            return null;
        }

        if (vocabulary.Truth("remove_extra_whitespaces", false))
        {
            vocabulary.Refuse("remove_extra_whitespaces", "expected false, found true, which changes the text");
            return null;
        }

        var text = new TokenizerText(vocabulary, id => IsPiece(vocabulary, id));
        return new StoredTokenizer(text.SentencePiece(ScoredMerges.Of(vocabulary.Tokens, vocabulary.Types, scores)), IsBytes: false);
    }

    // What fills up rows is no text, and what is found before all other tokens is not made of pieces.
    private static bool IsPiece(GgufVocabulary vocabulary, int id) => vocabulary.Types[id] is not (GgufTokenType.Unused or GgufTokenType.UserDefined);

    /// <summary>True for the 256 byte characters of GPT-2 in the order of the bytes, and nothing else.</summary>
    private static bool IsBytes(GgufVocabulary vocabulary)
    {
        if (vocabulary.Tokens.Length != ByteCount || vocabulary.Merges.Length > 0)
            return false;
        var moved = 0;
        for (var value = 0; value < ByteCount; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            var letter = (char)(printable ? value : ByteCount + moved++);
            if (vocabulary.Tokens[value] != letter.ToString())
                return false;
        }

        return true;
    }
}
