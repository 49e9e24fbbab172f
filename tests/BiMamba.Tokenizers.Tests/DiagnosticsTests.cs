using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Testing;

namespace BiMamba.Tokenizers.Tests;

/// <summary>Each cause of refusal: its id and the JSON path or byte offset it names.</summary>
public class DiagnosticsTests
{
    private static string Doublings =>
        """{"type":"Sequence","normalizers":[""" + string.Join(',', Enumerable.Repeat("""{"type":"Replace","pattern":{"String":"a"},"content":"aa"}""", 30)) + "]}";

    private static string ManySteps =>
        """{"type":"Sequence","normalizers":[""" + string.Join(',', Enumerable.Repeat("""{"type":"NFC"}""", 1000)) + "]}";

    /// <summary>A JSON path, a JSON text to put there, and the diagnostic that follows.</summary>
    public static TheoryData<string, string, string, string> Replacements => new()
    {
        { "BIM1403", "added_tokens", "{}", "added_tokens" },
        { "BIM1403", "added_tokens", "[7]", "added_tokens[0]" },
        { "BIM1403", "pre_tokenizer", "[]", "pre_tokenizer" },
        { "BIM1403", "pre_tokenizer.use_regex", "1", "pre_tokenizer.use_regex" },
        { "BIM1403", "model", "7", "model" },
        { "BIM1403", "model.vocab", "[]", "model.vocab" },
        { "BIM1403", "model.merges", "{}", "model.merges" },
        { "BIM1403", "model.unk_token", "{}", "model.unk_token" },
        { "BIM1404", "model", "null", "model" },
        { "BIM1404", "model.vocab", "null", "model.vocab" },
        { "BIM1404", "normalizer", "{}", "normalizer.type" },
        { "BIM1404", "added_tokens", """[{"id":300}]""", "added_tokens[0].content" },
        { "BIM1404", "post_processor", """{"type":"TemplateProcessing"}""", "post_processor.single" },
        { "BIM1405", "normalizer", """{"type":"NFC","type":"NFC"}""", "normalizer" },
        { "BIM1405", "model.vocab", """{"a":1,"a":2}""", "model.vocab['a']" },
        { "BIM1406", "model.type", "\"Unigram\"", "model.type" },
        { "BIM1406", "model.dropout", "0.1", "model.dropout" },
        { "BIM1406", "model.end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix" },
        { "BIM1406", "model.novelty", "true", "model.novelty" },
        { "BIM1406", "novelty", "true", "novelty" },
        { "BIM1406", "normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Lowercase"}]}""", "normalizer.normalizers[1]" },
        { "BIM1406", "normalizer", """{"type":"Replace","pattern":{"Regex":"a+"},"content":"b"}""", "normalizer.pattern.Regex" },
        { "BIM1406", "normalizer", """{"type":"Replace","pattern":{"String":"a"},"content":"aaaaa"}""", "normalizer.content" },
        { "BIM1406", "normalizer", Doublings, "normalizer.normalizers[2].content" },
        { "BIM1406", "normalizer", "{\"type\":\"Prepend\",\"prepend\":\"" + new string('x', 65) + "\"}", "normalizer.prepend" },
        { "BIM1406", "normalizer", ManySteps, "normalizer.normalizers[32]" },
        { "BIM1406", "pre_tokenizer", """{"type":"Metaspace"}""", "pre_tokenizer" },
        { "BIM1406", "pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Digits"},{"type":"ByteLevel"}]}""", "pre_tokenizer.pretokenizers[0]" },
        { "BIM1406", "pre_tokenizer", "null", "decoder" },
        { "BIM1406", "decoder", "null", "decoder" },
        { "BIM1406", "decoder", """{"type":"WordPiece"}""", "decoder" },
        { "BIM1406", "post_processor", """{"type":"BertProcessing"}""", "post_processor" },
        { "BIM1406", "post_processor", """{"type":"TemplateProcessing","single":[]}""", "post_processor.single" },
        { "BIM1407", "model.vocab", """{"a":-1}""", "model.vocab['a']" },
        { "BIM1407", "model.vocab", """{"a":16777216}""", "model.vocab['a']" },
        { "BIM1407", "model.vocab", """{"a":1.5}""", "model.vocab['a']" },
        { "BIM1407", "model.vocab", """{"a":"1"}""", "model.vocab['a']" },
        { "BIM1407", "model.vocab", """{"a":99999999999999999999999}""", "model.vocab['a']" },
        { "BIM1407", "added_tokens", """[{"id":16777216,"content":"x"}]""", "added_tokens[0].id" },
        { "BIM1408", "model.vocab", """{"a":1,"b":1}""", "model.vocab['b']" },
        { "BIM1408", "added_tokens", """[{"id":97,"content":"<s>"}]""", "added_tokens[0].id" },
        { "BIM1408", "added_tokens", """[{"id":300,"content":"a"}]""", "added_tokens[0].id" },
        { "BIM1408", "added_tokens", """[{"id":300,"content":"<s>"},{"id":300,"content":"<t>"}]""", "added_tokens[1].id" },
        { "BIM1408", "added_tokens", """[{"id":300,"content":"<s>"},{"id":301,"content":"<s>"}]""", "added_tokens[1].content" },
        { "BIM1409", "model.merges", """["ab"]""", "model.merges[0]" },
        { "BIM1409", "model.merges", """["a b c"]""", "model.merges[0]" },
        { "BIM1409", "model.merges", """[" b"]""", "model.merges[0]" },
        { "BIM1409", "model.merges", """[["a","b"],["a",1]]""", "model.merges[1]" },
        { "BIM1409", "model.merges", """[["a"]]""", "model.merges[0]" },
        { "BIM1410", "model.merges", """["zz b"]""", "model.merges[0]" },
        { "BIM1410", "model.merges", """[["a","c"]]""", "model.merges[0]" },
        { "BIM1411", "added_tokens", """[{"id":300,"content":""}]""", "added_tokens[0].content" },
        { "BIM1412", "post_processor", """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"B","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{}}""", "post_processor.single[0].SpecialToken.id" },
        { "BIM1412", "post_processor", """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"B"}},{"Sequence":{"id":"A"}}],"special_tokens":{"B":{"ids":[9999]}}}""", "post_processor.special_tokens.B.ids[0]" },
    };

    /// <summary>Texts that are not JSON, and the offset named.</summary>
    public static TheoryData<byte[], long> Broken => new()
    {
        { ""u8.ToArray(), 0 },
        { "{\"model\":"u8.ToArray(), 9 },
        { "{} x"u8.ToArray(), 3 },
        { "{\"a\":nope}"u8.ToArray(), 5 },
        { "\uFEFF{}"u8.ToArray(), 0 },
        { [(byte)'"', 0xFF, (byte)'"'], 1 },
        { "{\"a\":\"\\ud800\"}"u8.ToArray(), 5 },
        { "{\"\\udc00\":1}"u8.ToArray(), 1 },
        { Encoding.ASCII.GetBytes(new string('[', 100_000)), 32 },
    };

    [Theory]
    [MemberData(nameof(Replacements))]
    public void A_bad_field_is_refused_by_path(string id, string path, string json, string field)
    {
        var bag = new DiagnosticBag();
        Assert.Null(Samples.Parse(Put(path, json), bag));
        var found = bag.Items.Where(d => d.Severity == Severity.Error).ToList();
        Assert.Contains(found, d => d.Id == id && d.Place.Field == field && d.Place.File == "t.json");
        Assert.Equal(id == "BIM1406" ? ExitCode.Unsupported : ExitCode.Malformed, bag.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_not_JSON_is_refused_by_offset(byte[] json, long offset)
    {
        var bag = new DiagnosticBag();
        Assert.Null(TokenizerJson.Parse(json, "t.json", bag));
        var item = Assert.Single(bag.Items);
        Assert.Equal("BIM1402", item.Id);
        Assert.Equal(offset, item.Place.Offset);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    public void A_root_other_than_an_object_is_refused(string json)
    {
        var bag = new DiagnosticBag();
        Assert.Null(Samples.Parse(json, bag));
        Assert.Equal("BIM1403", Assert.Single(bag.Items).Id);
    }

    [Fact]
    public void A_file_beyond_the_cap_is_not_read()
    {
        using var folder = new TemporaryFolder();
        using (var file = File.Create(folder["tokenizer.json"]))
            file.SetLength((256L << 20) + 1);
        Assert.Equal("BIM1401", Assert.Single(Load(folder["tokenizer.json"])).Id);
    }

    [Fact]
    public void Too_many_JSON_values_are_refused()
    {
        var json = new byte[(1 << 26) + 8];
        for (var i = 0; i < json.Length; i += 2)
            (json[i], json[i + 1]) = ((byte)',', (byte)'1');
        json[0] = (byte)'[';
        var bag = new DiagnosticBag();
        Assert.Null(TokenizerJson.Parse(json, "t.json", bag));
        Assert.Equal("BIM1401", Assert.Single(bag.Items).Id);
    }

    [Fact]
    public void Added_tokens_are_bounded_one_by_one_and_together()
    {
        var bag = new DiagnosticBag();
        var json = Samples.ByteLevel();
        json["added_tokens"] = new JsonArray(Samples.Added(300, new string('x', 1025)));
        Assert.Null(Samples.Parse(json.ToJsonString(), bag));
        Assert.Equal("BIM1411", Assert.Single(bag.Items).Id);

        bag = new DiagnosticBag();
        json["added_tokens"] = new JsonArray([.. Enumerable.Range(0, 4200).Select(i => Samples.Added(300 + i, i.ToString("D1000", System.Globalization.CultureInfo.InvariantCulture)))]);
        Assert.Null(Samples.Parse(json.ToJsonString(), bag));
        Assert.Equal("BIM1411", Assert.Single(bag.Items).Id);
    }

    [Fact]
    public void Missing_and_unreadable_files_are_told_apart()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal("BIM1001", Assert.Single(Load(folder["none.json"])).Id);
        Assert.Equal("BIM1002", Assert.Single(Load(folder.Path)).Id);
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        var bag = new DiagnosticBag();
        var json = Samples.ByteLevel();
        json["normalizer"] = new JsonObject { ["type"] = "Lowercase" };
        json["pre_tokenizer"]!["use_regex"] = 1;
        json["model"]!["vocab"]!["zz"] = -4;
        json["decoder"] = null;
        Assert.Null(Samples.Parse(json.ToJsonString(), bag));
        Assert.Equal(["BIM1406", "BIM1403", "BIM1407", "BIM1406"], bag.Items.Select(d => d.Id));
    }

    [Fact]
    public void A_missing_byte_is_a_warning_and_truncation_a_note()
    {
        var bag = new DiagnosticBag();
        var json = Samples.ByteLevel();
        json["model"]!["vocab"]!.AsObject().Remove("q");
        json["truncation"] = new JsonObject { ["max_length"] = 512 };
        var tokenizer = Samples.Parse(json.ToJsonString(), bag)!;
        Assert.Equal(["BIM1414", "BIM1413"], bag.Items.Select(d => d.Id));
        Assert.False(bag.HasErrors);
        Assert.Equal([97, 98], tokenizer.Encode("aqb"));

        json["model"]!["unk_token"] = "<unk>";
        Assert.Null(Samples.Parse(json.ToJsonString(), bag));
        Assert.Equal("BIM1412", bag.Items[^1].Id);
    }

    [Fact]
    public void Every_row_of_the_table_has_a_test_here()
    {
        var rows = typeof(TokenizerDiagnostics).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => ((DiagnosticDescriptor)f.GetValue(null)!).Id).ToList();
        // These have a test of their own above, 1415 among the bytes tokenizer's.
        var tested = Replacements.Select(row => row.Data.Item1).Concat(["BIM1401", "BIM1402", "BIM1413", "BIM1414", "BIM1415"]);
        Assert.Equal(rows.Order(StringComparer.Ordinal), tested.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal(rows.Count, rows.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Random_damage_never_throws()
    {
        var good = Encoding.UTF8.GetBytes(Samples.ByteLevel(("h", "e"), ("he", "l")).ToJsonString());
        var random = new Random(3);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = good.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(round % 2 == 0 ? 256 : 128);
            var bag = new DiagnosticBag();
            var tokenizer = TokenizerJson.Parse(bytes.AsMemory(0, round % 5 == 0 ? random.Next(bytes.Length) : bytes.Length), "t.json", bag);
            Assert.Equal(bag.HasErrors, tokenizer is null);
            tokenizer?.Encode("hello, world");
        }
    }

    private static IReadOnlyList<Diagnostic> Load(string path)
    {
        var bag = new DiagnosticBag();
        Assert.Null(TokenizerJson.Load(path, bag));
        return bag.Items;
    }

    /// <summary>The sample with the raw text at a path: raw, because a JsonObject cannot hold a key twice.</summary>
    private static string Put(string path, string json)
    {
        const string placeholder = "\"@\"";
        var root = Samples.ByteLevel(("a", "b"));
        JsonNode node = root;
        var names = path.Split('.');
        foreach (var name in names[..^1])
            node = node[name]!;
        node[names[^1]] = "@";
        var text = root.ToJsonString();
        Assert.Contains(":" + placeholder, text, StringComparison.Ordinal);
        return text.Replace(":" + placeholder, ":" + json, StringComparison.Ordinal);
    }
}
