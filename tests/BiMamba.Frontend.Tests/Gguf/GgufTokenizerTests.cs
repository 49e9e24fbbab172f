using System.Globalization;
using System.Text;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;
using BiMamba.Testing;
using BiMamba.Tokenizers;

namespace BiMamba.Frontend.Tests.Gguf;

/// <summary>Tokenizers that are made of the vocabulary of a GGUF file.</summary>
public sealed class GgufTokenizerTests
{
    [Fact]
    public void Books8k_gives_the_reference_ids() => IsSame("books8k", "gpt2", "tokenizers", "books8k.tokenizer.json");

    [Fact]
    public void Llama_gives_the_reference_ids() => IsSame("llama", "llama", "third-party", "tokenizers", "llama.tokenizer.json");

    [Fact]
    public void The_tokenizer_json_of_the_file_wins()
    {
        var stored = Stored(ByteLevel(["a", "b"]).Set("tokenizer.huggingface.json", "{}"));
        Assert.Equal("{}", Encoding.UTF8.GetString(stored!.Json.Span));
    }

    [Fact]
    public void The_bytes_of_GPT2_in_order_are_bytes()
    {
        var alphabet = Alphabet();
        Assert.True(Stored(ByteLevel(alphabet))!.IsBytes);
        Assert.False(Stored(ByteLevel([.. alphabet, "ab"]))!.IsBytes);
        Assert.False(Stored(ByteLevel([.. alphabet.Reverse()]))!.IsBytes);
        Assert.False(Stored(ByteLevel(alphabet).Set("tokenizer.ggml.merges", GgufValue.Strings(["a b"])))!.IsBytes);
    }

    [Fact]
    public void Tokens_that_fill_up_rows_are_left_out_and_others_are_added()
    {
        string[] tokens = [.. Alphabet(), "ab", "<end>", "  ", "[PAD]"];
        var gguf = ByteLevel(tokens).Set("tokenizer.ggml.merges", GgufValue.Strings(["a b"]))
            .Set("tokenizer.ggml.token_type", GgufValue.Integers([.. Enumerable.Repeat(1, 257), 3, 4, 5]))
            .Set("tokenizer.ggml.bos_token_id", 257u).Set("tokenizer.ggml.add_bos_token", true).Set("tokenizer.ggml.add_eos_token", false);
        var tokenizer = Parse(Stored(gguf)!);
        Assert.Equal(259, tokenizer.VocabularySize);
        Assert.Equal([256, 258, 256, 257], tokenizer.Encode("ab  ab<end>"));
        Assert.Equal([257, 256], tokenizer.Encode("ab", addSpecialTokens: true));
    }

    [Theory]
    [InlineData("tokenizer.ggml.model", "bert")]
    [InlineData("tokenizer.ggml.pre", "llama-bpe")]
    [InlineData("tokenizer.ggml.tokens", 7)]
    [InlineData("tokenizer.ggml.token_type", new[] { 1, 2 })]
    [InlineData("tokenizer.ggml.token_type", new[] { 1, 1, 9 })]
    [InlineData("tokenizer.ggml.tokens", new[] { "a", "b", "a" })]
    [InlineData("tokenizer.ggml.merges", new[] { "ab" })]
    [InlineData("tokenizer.ggml.merges", new[] { 1 })]
    public void What_cannot_be_used_is_a_warning_that_names_the_key(string key, object value)
    {
        var gguf = ByteLevel(["a", "b", "ab"]).Set(key, value switch
        {
            string text => text,
            int number => number,
            string[] texts => GgufValue.Strings(texts),
            int[] numbers => GgufValue.Integers(numbers),
            _ => throw new ArgumentException(key, nameof(value)),
        });
        gguf.Import((model, items) =>
        {
            Assert.Null(model!.StoredTokenizer);
            var warning = Assert.Single(items);
            Assert.Equal((GgufDiagnostics.Tokenizer, key), (warning.Descriptor, warning.Place.Field));
            return 0;
        });
    }

    [Fact]
    public void SentencePiece_needs_scores_and_text_as_it_is()
    {
        var gguf = ByteLevel(["<unk>", "a", "b"]).Set("tokenizer.ggml.model", "llama");
        Assert.Equal("tokenizer.ggml.scores", gguf.Import((_, items) => Assert.Single(items).Place.Field));
        gguf.Set("tokenizer.ggml.scores", GgufValue.Floats([0, 0, 0])).Set("tokenizer.ggml.remove_extra_whitespaces", true);
        Assert.Equal("tokenizer.ggml.remove_extra_whitespaces", gguf.Import((_, items) => Assert.Single(items).Place.Field));
    }

    [Fact]
    public void A_named_tokenizer_leaves_the_vocabulary_alone()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["t.json"], "{}");
        ByteLevel(["a"]).Set("tokenizer.ggml.pre", "other").Import(
            (model, items) =>
            {
                Assert.Empty(items);
                Assert.Equal((null, folder["t.json"]), (model!.StoredTokenizer, model.TokenizerPath));
                return 0;
            },
            new ImportOptions(TokenizerPath: folder["t.json"]));
    }

    [Fact]
    public void A_file_without_vocabulary_has_no_tokenizer()
    {
        Assert.Null(Stored(SmallGguf.Mamba2()));
        Assert.Null(Stored(SmallGguf.Mamba2().Set("tokenizer.ggml.model", "no_vocab")));
    }

    private static void IsSame(string name, string model, params string[] parts)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Repository.RequireShared(parts)));
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Repository.RequireShared("tokenizers", name + ".cases.json")));
        var tokenizer = Parse(Stored(AsGguf(json.RootElement, model))!);
        foreach (var item in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            Assert.Equal(Ids(item, "ids"), tokenizer.Encode(text));
            Assert.Equal(Ids(item, "ids_with_special"), tokenizer.Encode(text, addSpecialTokens: true));
            Assert.Equal(item.GetProperty("decoded").GetString(), tokenizer.Decode(Ids(item, "ids")));
        }
    }

    /// <summary>A tokenizer.json as a conversion of llama.cpp stores it.</summary>
    private static SmallGguf AsGguf(JsonElement json, string model)
    {
        var vocabulary = json.GetProperty("model").GetProperty("vocab").EnumerateObject().OrderBy(token => token.Value.GetInt32()).Select(token => token.Name).ToArray();
        var added = json.GetProperty("added_tokens").EnumerateArray().ToDictionary(token => token.GetProperty("content").GetString()!, token => token.GetProperty("special").GetBoolean(), StringComparer.Ordinal);
        var types = vocabulary.Select((token, id) => model == "llama" && id is >= 3 and < 259 ? 6 : token == "<unk>" ? 2 : added.TryGetValue(token, out var special) ? special ? 3 : 4 : 1);
        var gguf = SmallGguf.Mamba2().Set("tokenizer.ggml.model", model).Set("tokenizer.ggml.tokens", GgufValue.Strings(vocabulary)).Set("tokenizer.ggml.token_type", GgufValue.Integers(types));
        var merges = json.GetProperty("model").GetProperty("merges").EnumerateArray().Select(merge => merge.ValueKind == JsonValueKind.String ? merge.GetString()! : $"{merge[0].GetString()} {merge[1].GetString()}").ToArray();
        if (model == "llama")
        {
            // The score of a piece is the lower, the later it is merged.
            var ranks = merges.Select((merge, rank) => (Made: merge.Replace(" ", "", StringComparison.Ordinal), Rank: rank)).DistinctBy(merge => merge.Made).ToDictionary(merge => merge.Made, merge => merge.Rank, StringComparer.Ordinal);
            return gguf.Set("tokenizer.ggml.scores", GgufValue.Floats(vocabulary.Select(token => -(float)ranks.GetValueOrDefault(token, merges.Length))))
                .Set("tokenizer.ggml.bos_token_id", 1u).Set("tokenizer.ggml.eos_token_id", 2u).Set("tokenizer.ggml.unknown_token_id", 0u);
        }

        return gguf.Set("tokenizer.ggml.pre", "gpt-2").Set("tokenizer.ggml.merges", GgufValue.Strings(merges));
    }

    private static StoredTokenizer? Stored(SmallGguf gguf) => gguf.Import((model, items) =>
    {
        Assert.True(items.Count == 0, string.Join('\n', items));
        return model!.StoredTokenizer;
    });

    private static BpeTokenizer Parse(StoredTokenizer stored)
    {
        var diagnostics = new DiagnosticBag();
        var tokenizer = TokenizerJson.Parse(stored.Json, "m.gguf", diagnostics);
        Assert.True(tokenizer is not null, string.Join('\n', diagnostics.Items));
        return tokenizer;
    }

    private static SmallGguf ByteLevel(string[] tokens) => SmallGguf.Mamba2().Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.tokens", GgufValue.Strings(tokens));

    private static string[] Alphabet()
    {
        var next = 256;
        return [.. Enumerable.Range(0, 256).Select(value => ((char)(value is (> 32 and < 127) or (> 160 and < 173) or (> 173 and < 256) ? value : next++)).ToString(CultureInfo.InvariantCulture))];
    }

    private static int[] Ids(JsonElement item, string key) => [.. item.GetProperty(key).EnumerateArray().Select(id => id.GetInt32())];
}
