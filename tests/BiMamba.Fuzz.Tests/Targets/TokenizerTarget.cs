using System.Text;
using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Tokenizers;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>tokenizer.json; what is accepted encodes and decodes a text.</summary>
internal sealed class TokenizerTarget() : JsonTarget(
    "tokenizer", [ByteLevel(), SentencePiece()],
    "\"type\"", "\"ByteLevel\"", "\"BPE\"", "\"Sequence\"", "\"NFC\"", "\"Prepend\"", "\"Replace\"", "\"Strip\"", "\"Fuse\"", "\"ByteFallback\"", "\"Split\"", "\"TemplateProcessing\"", "\"Whitespace\"", "\"WordPiece\"", "\"Unigram\"",
    "\"vocab\"", "\"merges\"", "\"added_tokens\"", "\"normalizer\"", "\"decoder\"", "\"model\"", "\"id\"", "\"ids\"", "\"content\"", "\"special\"", "\"pattern\"", "\"String\"", "\"a b\"", "\"b a\"", "[\"a\",\"b\"]", "[\"ab\",\"ab\"]", "\"ab\"",
    "16777215", "16777216", "{\"type\":\"NFC\"}", "{\"type\":\"Prepend\",\"prepend\":\"abababab\"}", "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aaaa\"}", "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(a+)+$\"},\"content\":\"\"}")
{
    private static readonly byte[] Text = "ab ba  Äé😀 <s>\n aaaaaaaaaaaaaaaa 12"u8.ToArray();

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        if (TokenizerJson.Parse(input.Bytes, "tokenizer.json", diagnostics) is not { } tokenizer)
            return false;
        var ids = tokenizer.Encode(Text, addSpecialTokens: true);
        Assert.All(ids, id => Assert.True(tokenizer.HasToken(id)));
        tokenizer.DecodeBytes(ids);
        var stream = tokenizer.CreateStreamingDecoder();
        foreach (var id in ids)
            stream.Append(id);
        return true;
    }

    private static string ByteLevel()
    {
        var vocab = new JsonObject();
        var next = 0x100;
        for (var b = 0; b < 256; b++)
        {
            var printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            vocab.Add(((char)(printable ? b : next++)).ToString(), b);
        }

        vocab.Add("ab", 256);
        vocab.Add("Ġb", 257);
        return new JsonObject
        {
            ["added_tokens"] = JsonNode.Parse("""[{"id":258,"content":"<s>","special":true,"single_word":false,"lstrip":false,"rstrip":true,"normalized":false}]"""),
            ["normalizer"] = JsonNode.Parse("""{"type":"NFC"}"""),
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}"""),
            ["post_processor"] = null,
            ["decoder"] = JsonNode.Parse("""{"type":"ByteLevel"}"""),
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocab, ["merges"] = JsonNode.Parse("""[["a","b"],["Ġ","b"]]""") },
        }.ToJsonString();
    }

    private static string SentencePiece()
    {
        var json = JsonNode.Parse("""
            {
              "added_tokens": [ { "id": 1000, "content": "<s>", "special": true } ],
              "normalizer": { "type": "Sequence", "normalizers": [ { "type": "Prepend", "prepend": "▁" }, { "type": "Replace", "pattern": { "String": " " }, "content": "▁" } ] },
              "pre_tokenizer": null,
              "post_processor": { "type": "TemplateProcessing", "single": [ { "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } } ],
                "special_tokens": { "<s>": { "id": "<s>", "ids": [1000], "tokens": ["<s>"] } } },
              "decoder": { "type": "Sequence", "decoders": [ { "type": "Replace", "pattern": { "String": "▁" }, "content": " " }, { "type": "ByteFallback" }, { "type": "Fuse" }, { "type": "Strip", "content": " ", "start": 1, "stop": 0 } ] },
              "model": { "type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true, "vocab": { "<unk>": 256, "▁": 260, "a": 261, "b": 262, "▁b": 265, "ab": 266, "▁ab": 264 }, "merges": [ "a b", "▁ ab", "▁ b" ] }
            }
            """)!.AsObject();
        for (var b = 0; b < 256; b++)
            json["model"]!["vocab"]!.AsObject().Add($"<0x{b:X2}>", b);
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }
}

/// <summary>Runs <see cref="TokenizerTarget"/>.</summary>
public sealed class TokenizerTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new TokenizerTarget();
}
