using System.Diagnostics;
using BiMamba.Diagnostics;
using BiMamba.Frontend;
using BiMamba.IR;
using BiMamba.IR.Reading;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Synthesis;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.FileTests.Ir;

/// <summary>The text of every real model reads back byte for byte.</summary>
public sealed class ModelRoundTripTests(ITestOutputHelper output)
{
    /// <summary>Every checkpoint of the repository and beside it.</summary>
    public static TheoryData<string> All =>
    [
        "golden/models/tiny-bimamba-official", "golden/models/tiny-mamba2-hf",
        "models/small-bimamba", "models/small-mamba2", "models/tiny-bimamba-official", "models/tiny-mamba2-hf",
        "oracles/models/hf-falcon-mamba", "oracles/models/hf-mamba1", "oracles/models/hf-mamba2-groups1",
        "oracles/models/hf-mamba2-groups2-untied", "oracles/models/hf-mamba2-proj-bias",
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void The_text_of_a_model_reads_back(string folder)
    {
        using var model = Import(folder);
        AssertRoundTrip(model.Module);
    }

    [Theory]
    [InlineData("golden/models/tiny-bimamba-official")]
    [InlineData("models/small-bimamba")]
    public void The_text_of_a_model_reads_back_after_every_stage(string folder)
    {
        using var model = Import(folder);
        var module = model.Module;
        foreach (var stage in new[] { "fold-fbi", "quantize-embedding", "pack" })
        {
            var bag = new DiagnosticBag();
            var pipeline = PassTable.Parse(new SourceText("pipeline", stage), bag);
            var next = pipeline is null ? null : PassManager.Run(module, pipeline, new PassContext(bag, 2, TestContext.Current.CancellationToken));
            Assert.True(next is not null, string.Join('\n', bag.Items));
            AssertRoundTrip(next);
            module = next;
        }
    }

    [Fact]
    public void The_list_has_every_checkpoint_beside_the_repository()
    {
        var folders = new[] { "models", "oracles/models" }.SelectMany(folder => Directory.GetDirectories(Repository.RequireShared(folder.Split('/'))).Select(path => folder + "/" + Path.GetFileName(path)));
        Assert.Equal(folders.Order(StringComparer.Ordinal), All.Select(row => row.Data).Where(folder => !folder.StartsWith("golden/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(
            Directory.GetDirectories(Repository.Golden("models")).Select(path => "golden/models/" + Path.GetFileName(path)).Order(StringComparer.Ordinal),
            All.Select(row => row.Data).Where(folder => folder.StartsWith("golden/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    /// <summary>The text of 2.7 billion parameters has about 100 kB; the bound is an order of magnitude above what a slow machine takes.</summary>
    [Fact]
    public void Sixty_four_layers_parse_and_verify_in_seconds()
    {
        var text = IrPrinter.Print(Large(), withHashes: false);
        Parse(text);
        var start = Stopwatch.GetTimestamp();
        var parsed = Parse(text);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Assert.Equal(66, parsed.Module.Blocks.Length);
        Assert.Equal(text, IrPrinter.Print(parsed.Module));
        output.WriteLine($"64 layers, {text.Length} characters, {text.Count(c => c == '\n')} lines: parsed and verified in {seconds * 1000:0.0} ms");
        Assert.InRange(seconds, 0, 5);
    }

    private static void AssertRoundTrip(Module module)
    {
        var text = IrPrinter.Print(module);
        var parsed = Parse(text);
        Assert.Equal(text, IrPrinter.Print(parsed.Module));
        Assert.Equal(module.Level, parsed.Module.Level);
        Assert.Equal(module.Resources.Keys, parsed.Module.Resources.Keys);
        Assert.All(parsed.Module.Resources.Values, resource => Assert.False(resource.HasData));
    }

    private static IrText Parse(string text)
    {
        var bag = new DiagnosticBag();
        var parsed = IrParser.Parse(new SourceText("printed", text), bag);
        Assert.True(parsed is not null, string.Join('\n', bag.Items));
        Assert.Empty(bag.Items);
        return parsed;
    }

    private static ImportedModel Import(string folder)
    {
        var path = folder.StartsWith("golden/", StringComparison.Ordinal) ? Path.Combine(Repository.Root, folder) : Repository.RequireShared(folder.Split('/'));
        var bag = new DiagnosticBag();
        var model = CheckpointImporter.Import(path, new ImportOptions(), bag);
        Assert.True(model is not null, string.Join('\n', bag.Items));
        return model;
    }

    /// <summary>The module of Bi-Mamba of 2.7 billion parameters, whose weights nobody reads.</summary>
    private static Module Large()
    {
        var plan = CheckpointPlan.Of(new SynthesisOptions(Synthesis.Architecture.BiMamba2, ModelSize.Find(Synthesis.Architecture.BiMamba2, "2.7b")!));
        const string config = """{"d_model": 2560, "n_layer": 64, "vocab_size": 50277, "ssm_cfg": {"layer": "Mamba2"}, "rms_norm": true, "tie_embeddings": true, "pad_vocab_size_multiple": 16}""";
        var bag = new DiagnosticBag();
        var archive = new TensorArchive(plan.Tensors.ToDictionary(tensor => tensor.Name, tensor => new ArchiveEntry(new Unread(tensor.Shape), "model"), StringComparer.Ordinal), ["model"], []);
        var model = CheckpointImporter.Import(archive, config, "config.json", new ImportOptions(), bag);
        Assert.True(model is not null, string.Join('\n', bag.Items));
        return model.Module;
    }

    /// <summary>A tensor without bytes.</summary>
    private sealed class Unread(Shape shape) : Tensor(ElementType.F32, shape)
    {
        public override void Read(long offset, Span<byte> destination) => throw new InvalidOperationException("the weights were read");
    }
}
