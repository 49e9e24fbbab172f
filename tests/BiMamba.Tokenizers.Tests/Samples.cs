using System.Text;
using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.Tokenizers.Tests;

/// <summary>Small tokenizers written out in the tests, and the shared ones.</summary>
internal static class Samples
{
    /// <summary>The byte alphabet of byte-level vocabularies, by byte, written independently of the library.</summary>
    public static string[] Alphabet { get; } = MakeAlphabet();

    /// <summary>A byte-level tokenizer: the 256 bytes as ids 0..255, then the products of the merges.</summary>
    public static JsonObject ByteLevel(params (string Left, string Right)[] merges)
    {
        var vocab = new JsonObject();
        for (var b = 0; b < 256; b++)
            vocab.Add(Alphabet[b], b);
        var list = new JsonArray();
        foreach (var (left, right) in merges)
        {
            list.Add(new JsonArray(left, right));
            if (!vocab.ContainsKey(left + right))
                vocab.Add(left + right, vocab.Count);
        }

        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["post_processor"] = null,
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocab, ["merges"] = list },
        };
    }

    /// <summary>An entry of added_tokens.</summary>
    public static JsonObject Added(int id, string content, bool special = false, bool singleWord = false, bool lstrip = false, bool rstrip = false, bool normalized = false) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["special"] = special,
        ["single_word"] = singleWord,
        ["lstrip"] = lstrip,
        ["rstrip"] = rstrip,
        ["normalized"] = normalized,
    };

    /// <summary>Parses a text.</summary>
    public static BpeTokenizer? Parse(string json, DiagnosticBag bag) => TokenizerJson.Parse(Encoding.UTF8.GetBytes(json), "t.json", bag);

    /// <summary>Parses what must be good.</summary>
    public static BpeTokenizer Good(JsonObject json)
    {
        var bag = new DiagnosticBag();
        var tokenizer = Parse(json.ToJsonString(), bag);
        Assert.True(tokenizer is not null, string.Join('\n', bag.Items));
        return tokenizer;
    }

    /// <summary>A tokenizer of the shared material.</summary>
    public static BpeTokenizer Shared(params ReadOnlySpan<string> parts)
    {
        var bag = new DiagnosticBag();
        var tokenizer = TokenizerJson.Load(Repository.RequireShared(parts), bag);
        Assert.True(tokenizer is not null, string.Join('\n', bag.Items));
        return tokenizer;
    }

    private static string[] MakeAlphabet()
    {
        var alphabet = new string[256];
        var next = 0x100;
        for (var b = 0; b < 256; b++)
        {
            var printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            alphabet[b] = ((char)(printable ? b : next++)).ToString();
        }

        return alphabet;
    }
}
