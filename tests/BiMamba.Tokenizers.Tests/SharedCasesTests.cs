using System.Text;
using System.Text.Json;
using BiMamba.Testing;

namespace BiMamba.Tokenizers.Tests;

/// <summary>Ids and texts as the reference library gives them.</summary>
public class SharedCasesTests
{
    [Fact]
    public void Books8k_gives_the_reference_ids() =>
        CheckCases("books8k", BpeTokenizer.ByteLevelKind, 8192, "tokenizers", "books8k.tokenizer.json");

    [Fact]
    public void Neox_gives_the_reference_ids() =>
        CheckCases("neox", BpeTokenizer.ByteLevelKind, 50281, "third-party", "tokenizers", "neox-20b.tokenizer.json");

    [Fact]
    public void Llama_gives_the_reference_ids() =>
        CheckCases("llama", BpeTokenizer.SentencePieceKind, 32000, "third-party", "tokenizers", "llama.tokenizer.json");

    [Fact]
    public void Held_out_text_has_the_published_number_of_windows()
    {
        var tokenizer = Samples.Shared("tokenizers", "books8k.tokenizer.json");
        var text = File.ReadAllBytes(Repository.RequireShared("text", "held.txt"));
        var ids = tokenizer.Encode(text);
        Assert.Equal(419, ids.Length / 1024);
        Assert.Equal(text, tokenizer.DecodeBytes(ids));
        Assert.Equal(ids, tokenizer.Encode(Encoding.UTF8.GetString(text)));
        Assert.Equal(1584, new BytesTokenizer().Encode(text).Length / 1024);
    }

    private static void CheckCases(string name, string kind, int vocabularySize, params string[] parts)
    {
        var tokenizer = Samples.Shared(parts);
        Assert.Equal(kind, tokenizer.Kind);
        Assert.Equal(vocabularySize, tokenizer.VocabularySize);
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Repository.RequireShared("tokenizers", name + ".cases.json")));
        var count = 0;
        foreach (var item in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            var ids = Ids(item.GetProperty("ids"));
            Assert.Equal(ids, tokenizer.Encode(text));
            Assert.Equal(ids, tokenizer.Encode(Encoding.UTF8.GetBytes(text)));
            Assert.Equal(Ids(item.GetProperty("ids_with_special")), tokenizer.Encode(text, addSpecialTokens: true));
            Assert.Equal(item.GetProperty("decoded").GetString(), tokenizer.Decode(ids));
            Assert.Equal(tokenizer.Decode(ids), Stream(tokenizer, ids));
            count++;
        }

        Assert.Equal(30, count);
    }

    private static string Stream(Tokenizer tokenizer, int[] ids)
    {
        var decoder = tokenizer.CreateStreamingDecoder();
        return string.Concat(ids.Select(decoder.Append)) + decoder.Flush();
    }

    private static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];
}
