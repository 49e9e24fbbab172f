using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.Tokenizers.Tests;

public class BpeTokenizerTests
{
    private static readonly (string, string)[] HelloMerges = [("l", "l"), ("h", "e"), ("he", "ll"), ("hell", "o"), ("Ġ", "w"), ("Ġw", "o")];

    [Fact]
    public void Merges_apply_by_rank_within_words()
    {
        var tokenizer = Samples.Good(Samples.ByteLevel(HelloMerges));
        Assert.Equal([259, 261, 114, 256, 100], tokenizer.Encode("hello worlld"));
        Assert.Equal("hello worlld", tokenizer.Decode(tokenizer.Encode("hello worlld")));
        Assert.Equal(262, tokenizer.VocabularySize);
        Assert.Equal("byte-level-bpe", tokenizer.Kind);
    }

    [Fact]
    public void Both_forms_of_merges_are_one()
    {
        var json = Samples.ByteLevel(HelloMerges);
        json["model"]!["merges"] = new JsonArray([.. HelloMerges.Select(m => (JsonNode)$"{m.Item1} {m.Item2}")]);
        json["model"]!.AsObject().Remove("type");
        Assert.Equal([259, 261, 114, 256, 100], Samples.Good(json).Encode("hello worlld"));
    }

    [Fact]
    public void Source_and_hash_are_of_the_file()
    {
        var bytes = Encoding.UTF8.GetBytes(Samples.ByteLevel(HelloMerges).ToJsonString());
        var tokenizer = Tokenizer.FromSource(bytes, "x", new DiagnosticBag())!;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), tokenizer.Hash);
        Assert.True(tokenizer.Source.Span.SequenceEqual(bytes));
    }

    [Fact]
    public void A_prefix_space_is_added_to_pieces_without_one()
    {
        var json = Samples.ByteLevel(HelloMerges);
        json["pre_tokenizer"]!["add_prefix_space"] = true;
        json["added_tokens"] = new JsonArray(Samples.Added(300, "<s>"));
        var tokenizer = Samples.Good(json);
        Assert.Equal([261, 300, 32, 33, 300], tokenizer.Encode("wo<s>!<s>"));
        Assert.Equal([261], tokenizer.Encode(" wo"));
        Assert.Empty(tokenizer.Encode(""));
    }

    [Fact]
    public void Without_the_pattern_a_piece_is_one_word()
    {
        var json = Samples.ByteLevel(("a", "Ġ"), ("aĠ", "b"));
        Assert.Equal(3, Samples.Good(json).Encode("a b").Length);
        json["pre_tokenizer"]!["use_regex"] = false;
        Assert.Equal([257], Samples.Good(json).Encode("a b"));
    }

    [Fact]
    public void Whole_words_win_where_merges_are_ignored()
    {
        var json = Samples.ByteLevel(("a", "b"));
        json["model"]!["vocab"]!["Ġabc"] = 400;
        Assert.Equal([32, 256, 99], Samples.Good(json).Encode(" abc"));
        json["model"]!["ignore_merges"] = true;
        Assert.Equal([400], Samples.Good(json).Encode(" abc"));
        Assert.Equal([256], Samples.Good(json).Encode("ab"));
        Assert.Equal([32, 256, 99, 100], Samples.Good(json).Encode(" abcd"));
    }

    [Fact]
    public void A_template_adds_its_tokens_on_request()
    {
        var json = Samples.ByteLevel();
        json["added_tokens"] = new JsonArray(Samples.Added(300, "<s>", special: true), Samples.Added(301, "</s>", special: true));
        json["post_processor"] = JsonNode.Parse("""
            { "type": "Sequence", "processors": [ { "type": "ByteLevel", "trim_offsets": true }, { "type": "TemplateProcessing",
              "single": [ { "SpecialToken": { "id": "B", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "E", "type_id": 0 } } ],
              "pair": [],
              "special_tokens": { "B": { "id": "B", "ids": [300, 10], "tokens": ["<s>", "x"] }, "E": { "id": "E", "ids": [301], "tokens": ["</s>"] } } } ] }
            """);
        var tokenizer = Samples.Good(json);
        Assert.Equal([97], tokenizer.Encode("a"));
        Assert.Equal([300, 10, 97, 301], tokenizer.Encode("a", addSpecialTokens: true));
        Assert.Equal(301, tokenizer.EndOfTextId);
    }

    [Theory]
    [InlineData(false, new[] { 97, 120, 120, 98, 120 })]
    [InlineData(true, new[] { 97, 120, 98, 120 })]
    public void Bytes_without_token_become_the_unknown_token(bool fuse, int[] expected)
    {
        var json = Samples.ByteLevel();
        json["model"]!["vocab"]!.AsObject().Remove("q");
        json["model"]!["unk_token"] = "x";
        json["model"]!["fuse_unk"] = fuse;
        Assert.Equal(expected, Samples.Good(json).Encode("aqqbq"));
    }

    [Fact]
    public void Bytes_of_no_UTF8_text_without_token_count_as_replacement_characters()
    {
        var json = Samples.ByteLevel();
        json["model"]!["vocab"]!.AsObject().Remove(Samples.Alphabet[0xFF]);
        var bag = new DiagnosticBag();
        var tokenizer = Samples.Parse(json.ToJsonString(), bag)!;
        Assert.Empty(bag.Items);
        Assert.Equal([97, 0xEF, 0xBF, 0xBD, 98, 0xFE], tokenizer.Encode([(byte)'a', 0xFF, (byte)'b', 0xFE]));
    }

    [Fact]
    public void Surrogates_without_partner_count_as_replacement_characters() =>
        Assert.Equal([97, 0xEF, 0xBF, 0xBD, 98], Samples.Good(Samples.ByteLevel()).Encode("a\ud800b"));

    [Fact]
    public void Any_text_and_any_bytes_survive_a_round_trip()
    {
        var tokenizer = Samples.Good(Samples.ByteLevel([.. HelloMerges, ("Ã", "©"), ("Ġ", "Ġ"), ("ĠĠ", "ĠĠ")]));
        var config = Config.QuickThrowOnFailure.WithMaxTest(2000).WithQuietOnSuccess(true);
        Check.One(config, Prop.ForAll<UnicodeText>(new ArbitraryText(), text => tokenizer.Decode(tokenizer.Encode(text.Value)) == text.Value));
        Check.One(config, Prop.ForAll<byte[]>(bytes => tokenizer.DecodeBytes(tokenizer.Encode(bytes)).AsSpan().SequenceEqual(bytes)));
    }

    [Fact]
    public void A_stream_gives_the_whole_text_and_no_half_characters()
    {
        var tokenizer = Samples.Good(Samples.ByteLevel(HelloMerges));
        var config = Config.QuickThrowOnFailure.WithMaxTest(3000).WithQuietOnSuccess(true);

        // Any ids: bytes that start, continue and break characters in any order.
        var ids = Gen.Elements(97, 0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80, 0xFF, 0xED, 0xA0, 0xF4, 0x90, 256, 261).ArrayOf().ToArbitrary();
        Check.One(config, Prop.ForAll(ids, list =>
        {
            var stream = tokenizer.CreateStreamingDecoder();
            return string.Concat(list.Select(stream.Append)) + stream.Flush() == tokenizer.Decode(list);
        }));

        var decoder = tokenizer.CreateStreamingDecoder();
        Assert.Equal(["", "", "", "😀", "a"], ((int[])[0xF0, 0x9F, 0x98, 0x80, 97]).Select(decoder.Append));
        Assert.Equal("", decoder.Append(0xE2));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("a", decoder.Append(97));
    }

    [Fact]
    public async Task Concurrent_encodes_agree()
    {
        var tokenizer = Samples.Good(Samples.ByteLevel(HelloMerges));
        var texts = Enumerable.Range(0, 64).Select(i => string.Concat(Enumerable.Repeat($"hello wor{i} ", 200))).ToArray();
        var expected = texts.Select(t => Samples.Good(Samples.ByteLevel(HelloMerges)).Encode(t)).ToArray();
        var found = await Task.WhenAll(texts.Select(t => Task.Run(() => tokenizer.Encode(t))));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void A_full_cache_gives_the_same_ids()
    {
        var tokenizer = Samples.Good(Samples.ByteLevel(HelloMerges));
        var text = string.Concat(Enumerable.Range(0, 100_000).Select(i => $" hello{i:x}wo"));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.Equal(tokenizer.Encode(text), Samples.Good(Samples.ByteLevel(HelloMerges)).Encode(text));
    }
}
