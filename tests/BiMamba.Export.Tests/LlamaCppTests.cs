using BiMamba.Diagnostics;
using BiMamba.Evaluation;
using BiMamba.Export.Gguf;
using BiMamba.Formats.Gguf;
using BiMamba.IR;
using BiMamba.Runtime;
using BiMamba.Testing;
using BiMamba.Testing.Building;
using BiMamba.Tokenizers;

namespace BiMamba.Export.Tests;

/// <summary>Exported files in the real llama.cpp.</summary>
public sealed class LlamaCppTests(LlamaCpp llama) : IClassFixture<LlamaCpp>
{
    private static readonly int[] Ids = [.. System.Text.Encoding.ASCII.GetBytes("It was a dark and stormy night; the rain fell in torrents")];

    /// <summary>Logits of the last token, whose largest is 12 to 15. llama.cpp rounds activations to 8 bits for types of blocks.</summary>
    [Theory]
    [InlineData("tiny-mamba2-hf", "f32", 1e-3f)]
    [InlineData("tiny-mamba2-hf", "f16", 1e-2f)]
    [InlineData("tiny-mamba2-hf", "bf16", 1e-1f)]
    [InlineData("tiny-mamba2-hf", "q8_0", 0.3f)]
    [InlineData("tiny-bimamba-official", "f32", 1e-3f)]
    [InlineData("tiny-bimamba-official", "f16", 1e-2f)]
    [InlineData("tiny-bimamba-official", "q8_0", 0.3f)]
    public void Logits_are_those_of_the_source(string name, string type, float bound)
    {
        using var folder = new TemporaryFolder();
        using var source = Models.Golden(name);
        var file = Export(folder, source.Module, new BytesTokenizer(), GgmlType.Find(type)!);
        var rows = source.Module.VocabularyRows;
        Assert.InRange(Models.Difference(Models.Logits(source.Module, Ids).AsSpan()[^rows..], llama.Logits(file, Ids)), 0, bound);
    }

    [Fact]
    public void A_Bi_Mamba_without_shift_computes_the_same_from_one_bit_a_weight()
    {
        using var folder = new TemporaryFolder();
        using var source = Models.Small(SmallCheckpoint.Mamba2(model: 256), Signs.Binarize);
        var file = Export(folder, source.Module, new BytesTokenizer(), GgmlType.Q1);
        int[] ids = [1, 2, 3, 0, 17, 30];
        var expected = Models.Logits(source.Module, ids)[^source.Module.VocabularyRows..];
        var largest = expected.Max(Math.Abs);
        // The weights are exact; activations are rounded to 8 bits.
        Assert.InRange(Models.Difference(expected, llama.Logits(file, ids)), 0, 0.03f * largest);
    }

    [Theory]
    [InlineData("tiny-mamba2-hf")]
    [InlineData("tiny-bimamba-official")]
    public void Perplexity_is_that_of_the_perplexity_tool(string name)
    {
        const int chunks = 4;
        using var folder = new TemporaryFolder();
        using var source = Models.Golden(name);
        var file = Export(folder, source.Module, new BytesTokenizer(), GgmlType.F32);
        var text = Repository.Golden("text", "held-64k.txt");
        var theirs = llama.Run(file, "--text", text, "--chunks", "4");
        var diagnostics = new DiagnosticBag();
        var corpus = Models.Good(CorpusReader.Read(text, new BytesTokenizer(), source.Module.VocabularyRows, diagnostics, TestContext.Current.CancellationToken), diagnostics);
        var plan = Models.Good(WindowPlanner.Create(Protocol.LlamaCpp, corpus, Protocol.LlamaCpp.DefaultContext, chunks, diagnostics), diagnostics);
        var ours = Models.Good(Evaluator.Run(new ModelRunner(source.Module, RuntimeOptions.Reference), plan, diagnostics, null, TestContext.Current.CancellationToken), diagnostics);
        Assert.Equal(ours.Tokens, theirs.GetProperty("scored").GetInt64());
        Assert.Equal(ours.Value, theirs.GetProperty("perplexity").GetDouble(), 1e-4 * ours.Value);
        Assert.Equal(ours.StandardError!.Value, theirs.GetProperty("standardError").GetDouble(), 1e-3 * ours.StandardError.Value);
    }

    [Theory]
    [InlineData("tokenizers", "books8k.tokenizer.json")]
    [InlineData("third-party/tokenizers", "llama.tokenizer.json")]
    [InlineData("third-party/tokenizers", "neox-20b.tokenizer.json")]
    public void A_text_has_the_same_ids(string place, string name)
    {
        var diagnostics = new DiagnosticBag();
        var tokenizer = Models.Good(TokenizerJson.Load(Repository.RequireShared([.. place.Split('/'), name]), diagnostics), diagnostics);
        using var folder = new TemporaryFolder();
        var rows = (tokenizer.VocabularySize + 63) / 64 * 64;
        var small = SmallCheckpoint.Mamba2().Put("backbone.embedding.weight", rows, 8).Set("vocab_size", tokenizer.VocabularySize).Set("pad_vocab_size_multiple", 64);
        using var source = Models.Small(small);
        var file = Export(folder, source.Module, tokenizer, GgmlType.F32);
        var text = File.ReadAllText(Repository.Golden("text", "held-64k.txt"))[..20_000] + "\n\n  Zwölf Boxkämpfer\tjagen 東京 🙂 don't 1234567 x=[1,2]; <tag>  end ";
        File.WriteAllText(folder["text.txt"], text);
        var theirs = llama.Run(file, "--text", folder["text.txt"]).GetProperty("ids").EnumerateArray().Select(id => id.GetInt32());
        Assert.Equal(tokenizer.Encode(text), theirs);
    }

    private static string Export(TemporaryFolder folder, Module module, Tokenizer tokenizer, GgmlType type)
    {
        var lowered = module.Level == Level.Fbi && GgufExportOptions.WantsFolding(type) ? Models.Apply(module, "fold-fbi") : module;
        var options = new GgufExportOptions(type, type == GgmlType.F32 ? type : GgmlType.F16, false, "m", "{}", "bimambac");
        var diagnostics = new DiagnosticBag();
        var exporter = Models.Good(GgufExporter.Create(lowered, tokenizer, options, "m", diagnostics), diagnostics);
        Assert.True(exporter.Write(folder["m.gguf"], false, diagnostics, TestContext.Current.CancellationToken), string.Join('\n', diagnostics.Items));
        return folder["m.gguf"];
    }
}
