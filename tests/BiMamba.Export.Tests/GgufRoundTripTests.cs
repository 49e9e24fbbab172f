using BiMamba.Diagnostics;
using BiMamba.Export.Gguf;
using BiMamba.Formats.Gguf;
using BiMamba.Frontend;
using BiMamba.IR;
using BiMamba.Testing;
using BiMamba.Testing.Building;
using BiMamba.Tokenizers;

namespace BiMamba.Export.Tests;

/// <summary>Checkpoint to GGUF, and back as a checkpoint.</summary>
public sealed class GgufRoundTripTests
{
    private static readonly int[] Ids = [1, 2, 3, 0, 17, 29, 2];

    /// <summary>
    /// What comes back computes what was exported. A is stored as -exp(A_log) in fp32, which moves logits by less than
    /// this share of the largest; the other bounds are what the weights of the type lose on these models.
    /// </summary>
    [Theory]
    [InlineData("mamba1", "f32", 1e-5f)]
    [InlineData("mamba2", "f32", 1e-5f)]
    [InlineData("bimamba", "f32", 1e-5f)]
    [InlineData("tiny-mamba2-hf", "f32", 1e-5f)]
    [InlineData("tiny-mamba2-hf", "f16", 1e-5f)]
    [InlineData("tiny-mamba2-hf", "bf16", 2e-2f)]
    [InlineData("tiny-mamba2-hf", "q8_0", 5e-2f)]
    [InlineData("tiny-mamba2-hf", "q4_0", 0.5f)]
    [InlineData("tiny-bimamba-official", "f32", 1e-5f)]
    [InlineData("tiny-bimamba-official", "q8_0", 5e-2f)]
    [InlineData("bimamba", "q1_0", 1e-5f)]
    [InlineData("bimamba", "tq1_0", 1e-5f)]
    [InlineData("bimamba", "tq2_0", 1e-5f)]
    public void Logits_come_back(string name, string type, float share)
    {
        using var folder = new TemporaryFolder();
        using var source = Source(name);
        using var back = RoundTrip(folder, source.Module, GgmlType.Find(type)!, null);
        Assert.Equal("gguf", back.Layout);
        var expected = Models.Logits(source.Module, Ids);
        Assert.InRange(Models.Difference(expected, Models.Logits(back.Module, Ids)), 0, share * expected.Max(Math.Abs));
    }

    [Theory]
    [InlineData("fold-fbi | pack")]
    [InlineData("pack")]
    public void A_packed_model_comes_back(string pipeline)
    {
        using var folder = new TemporaryFolder();
        using var source = Models.Golden("tiny-bimamba-official");
        var packed = Models.Apply(source.Module, pipeline);
        using var back = RoundTrip(folder, packed, GgmlType.F32, null);
        var expected = Models.Logits(packed, Ids);
        Assert.InRange(Models.Difference(expected, Models.Logits(back.Module, Ids)), 0, 1e-5f * expected.Max(Math.Abs));
    }

    [Fact]
    public void The_tokenizer_comes_back_byte_for_byte()
    {
        var diagnostics = new DiagnosticBag();
        var tokenizer = Models.Good(TokenizerJson.Load(Repository.RequireShared("tokenizers", "books8k.tokenizer.json"), diagnostics), diagnostics);
        using var folder = new TemporaryFolder();
        using var source = Models.Small(SmallCheckpoint.Mamba2().Put("backbone.embedding.weight", 8192, 8).Set("vocab_size", 8192));
        using var back = RoundTrip(folder, source.Module, GgmlType.F32, tokenizer);
        Assert.True(back.StoredTokenizer!.Json.Span.SequenceEqual(tokenizer.Source.Span));
    }

    [Fact]
    public void A_vocabulary_of_bytes_comes_back()
    {
        using var folder = new TemporaryFolder();
        using var source = Models.Golden("tiny-mamba2-hf");
        using var back = RoundTrip(folder, source.Module, GgmlType.F32, new BytesTokenizer());
        Assert.True(back.StoredTokenizer!.IsBytes);
    }

    private static ImportedModel Source(string name) => name switch
    {
        "mamba1" => Models.Small(SmallCheckpoint.Mamba1()),
        "mamba2" => Models.Small(SmallCheckpoint.Mamba2(groups: 2)),
        "bimamba" => Models.Small(SmallCheckpoint.Mamba2(model: 256), Signs.Binarize),
        _ => Models.Golden(name),
    };

    private static ImportedModel RoundTrip(TemporaryFolder folder, Module module, GgmlType type, Tokenizer? tokenizer)
    {
        var lowered = module.Level == Level.Fbi && GgufExportOptions.WantsFolding(type) ? Models.Apply(module, "fold-fbi") : module;
        var diagnostics = new DiagnosticBag();
        var options = new GgufExportOptions(type, type == GgmlType.F16 || type == GgmlType.BF16 ? type : GgmlType.F32, false, "m", "{}", "bimambac");
        var exporter = Models.Good(GgufExporter.Create(lowered, tokenizer, options, "m", diagnostics), diagnostics);
        Assert.True(exporter.Write(folder["m.gguf"], false, diagnostics, TestContext.Current.CancellationToken), string.Join('\n', diagnostics.Items));
        return Models.Load(folder["m.gguf"]);
    }
}
