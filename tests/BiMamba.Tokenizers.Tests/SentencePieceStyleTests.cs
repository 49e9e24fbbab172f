using System.Text.Json.Nodes;
using BiMamba.Diagnostics;

namespace BiMamba.Tokenizers.Tests;

/// <summary>LLaMA's form: characters as symbols, bytes to fall back on, U+2581 for the space.</summary>
public class SentencePieceStyleTests
{
    [Fact]
    public void Words_get_their_mark_and_strange_characters_become_bytes()
    {
        var tokenizer = Samples.Good(Json());
        Assert.Equal("sentencepiece-bpe", tokenizer.Kind);
        Assert.Equal([264, 265, 261], tokenizer.Encode("ab ba"));
        Assert.Equal([260, 0xC3, 0xA9, 261], tokenizer.Encode("éa"));
        Assert.Equal([1000, 264], tokenizer.Encode("<s>ab"));
        Assert.Equal([1000, 264], tokenizer.Encode("ab", addSpecialTokens: true));
    }

    [Theory]
    [InlineData("ab b")]
    [InlineData(" a  b ")]
    [InlineData("é😀\n")]
    [InlineData("")]
    public void A_decode_takes_the_first_space_away(string text)
    {
        var tokenizer = Samples.Good(Json());
        var ids = tokenizer.Encode(text);
        Assert.Equal(text, tokenizer.Decode(ids));
        var stream = tokenizer.CreateStreamingDecoder();
        Assert.Equal(text, string.Concat(ids.Select(stream.Append)) + stream.Flush());
        Assert.Equal(text, string.Concat(ids.Select(stream.Append)) + stream.Flush());
    }

    [Fact]
    public void Cutting_at_marks_changes_no_ids()
    {
        // A merge that joins over a mark switches the cutting off; its letter is in none of the texts compared.
        var whole = Json();
        whole["model"]!["vocab"]!["z\u2581"] = 500;
        whole["model"]!["vocab"]!["z"] = 501;
        whole["model"]!["merges"]!.AsArray().Add(new JsonArray("z", "\u2581"));
        var random = new Random(11);
        for (var round = 0; round < 500; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => "ab \u2581é"[random.Next(5)]));
            Assert.Equal(Samples.Good(whole).Encode(text), Samples.Good(Json()).Encode(text));
        }

        Assert.Equal([260, 500, 261], Samples.Good(whole).Encode("z a"));
    }

    [Fact]
    public void Bytes_outside_UTF8_are_kept()
    {
        var tokenizer = Samples.Good(Json());
        byte[] text = [(byte)'a', 0xFF, 0xC3];
        Assert.Equal(text, tokenizer.DecodeBytes(tokenizer.Encode(text)));
    }

    [Fact]
    public void A_vocabulary_without_all_bytes_is_refused()
    {
        var json = Json();
        json["model"]!["vocab"]!.AsObject().Remove("<0x7F>");
        var bag = new DiagnosticBag();
        Assert.Null(Samples.Parse(json.ToJsonString(), bag));
        Assert.Equal("BIM1412", Assert.Single(bag.Items).Id);
        json["model"]!["byte_fallback"] = false;
        bag = new DiagnosticBag();
        Assert.Null(Samples.Parse(json.ToJsonString(), bag));
        Assert.Equal("BIM1406", Assert.Single(bag.Items).Id);
    }

    private static JsonObject Json()
    {
        var json = JsonNode.Parse("""
            {
              "added_tokens": [ { "id": 1000, "content": "<s>", "special": true } ],
              "normalizer": { "type": "Sequence", "normalizers": [
                { "type": "Prepend", "prepend": "▁" },
                { "type": "Replace", "pattern": { "String": " " }, "content": "▁" } ] },
              "pre_tokenizer": null,
              "post_processor": { "type": "TemplateProcessing",
                "single": [ { "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } } ],
                "special_tokens": { "<s>": { "id": "<s>", "ids": [1000], "tokens": ["<s>"] } } },
              "decoder": { "type": "Sequence", "decoders": [
                { "type": "Replace", "pattern": { "String": "▁" }, "content": " " },
                { "type": "ByteFallback" }, { "type": "Fuse" },
                { "type": "Strip", "content": " ", "start": 1, "stop": 0 } ] },
              "model": { "type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
                "vocab": { "<unk>": 256, "▁": 260, "a": 261, "b": 262, "▁b": 265, "ab": 266, "▁ab": 264 },
                "merges": [ "a b", "▁ ab", "▁ b" ] }
            }
            """)!.AsObject();
        var vocab = json["model"]!["vocab"]!.AsObject();
        for (var b = 0; b < 256; b++)
            vocab.Add($"<0x{b:X2}>", b);
        return json;
    }
}
