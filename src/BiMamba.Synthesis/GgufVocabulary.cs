using System.Globalization;
using BiMamba.Formats.Gguf;

namespace BiMamba.Synthesis;

/// <summary>
/// The vocabulary of random weights in a GGUF file: the end of a text, the 256 bytes, and tokens without meaning up to
/// the number of rows. Programs around llama.cpp tokenize while they load, and stop at a model without a vocabulary.
/// </summary>
internal static class GgufVocabulary
{
    private const string EndOfText = "<|endoftext|>";
    private const int Normal = 1;
    private const int Control = 3;
    private const int Unused = 5;

    /// <summary>Pairs of a byte-level BPE without merges.</summary>
    /// <param name="rows">Number of tokens, from 1.</param>
    public static IEnumerable<KeyValuePair<string, GgufValue>> Metadata(int rows)
    {
        string[] known = [EndOfText, .. ByteCharacters()];
        return
        [
            new("tokenizer.ggml.model", "gpt2"),
            new("tokenizer.ggml.pre", "gpt-2"),
            new("tokenizer.ggml.tokens", GgufValue.Strings(Enumerable.Range(0, rows).Select(id => id < known.Length ? known[id] : Nameless(id)))),
            new("tokenizer.ggml.token_type", GgufValue.Integers(Enumerable.Range(0, rows).Select(id => id == 0 ? Control : id < known.Length ? Normal : Unused))),
            new("tokenizer.ggml.merges", GgufValue.Strings([])),
            new("tokenizer.ggml.bos_token_id", 0u),
            new("tokenizer.ggml.eos_token_id", 0u),
            new("tokenizer.ggml.add_bos_token", false),
        ];
    }

    private static string Nameless(int id) => string.Create(CultureInfo.InvariantCulture, $"[{id}]");

    /// <summary>The characters by which GPT-2 writes the bytes: printable ones as they are, the others from U+0100 on.</summary>
    private static IEnumerable<string> ByteCharacters()
    {
        var moved = 0;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            yield return ((char)(printable ? value : 256 + moved++)).ToString();
        }
    }
}
