using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Safetensors;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Synthesis.Tests;

public class SynthesizerTests
{
    public static TheoryData<string> Architectures => [.. Architecture.All.Select(row => row.Word)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IEnumerable<string> Names(string folder) => Directory.GetFileSystemEntries(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private static bool Write(string folder, bool force, DiagnosticBag diagnostics) =>
        Synthesizer.Write(Shapes.Tiny(Architecture.BiMamba2), Shapes.Options(Architecture.BiMamba2), folder, force, diagnostics, null, Token);

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Names_shapes_and_values_are_read_back(string word)
    {
        var architecture = Architecture.Find(word)!;
        using var folder = new TemporaryFolder();
        Shapes.Write(architecture, folder.Path);
        Assert.Equal(["config.json", "model.safetensors"], Names(folder.Path));
        using var archive = SafetensorsReader.OpenFile(folder["model.safetensors"], new DiagnosticBag())!;
        var plan = CheckpointPlan.Of(Shapes.Tiny(architecture), ElementType.F16);
        Assert.Equal(
            plan.Tensors.Select(tensor => $"{tensor.Name} {tensor.Shape}").Order(StringComparer.Ordinal),
            archive.Tensors.Select(pair => $"{pair.Key} {pair.Value.Tensor.Shape}"));
        foreach (var (name, tensor) in Synthesizer.Tensors(plan, Shapes.Options(architecture)))
        {
            Assert.True(tensor.ContentEquals(archive.Tensors[name].Tensor), name);
            Assert.All(tensor.ToSingles(), value => Assert.True(float.IsFinite(value)));
        }

        Assert.All(archive.Tensors["backbone.layers.1.mixer.D"].Tensor.ToSingles(), value => Assert.Equal(1f, value));
    }

    [Theory]
    [InlineData("mamba2", """{"d_model":64,"d_intermediate":0,"n_layer":2,"vocab_size":101,"ssm_cfg":{"layer":"Mamba2","d_state":16,"headdim":32},"attn_layer_idx":[],"attn_cfg":{},"rms_norm":true,"residual_in_fp32":true,"fused_add_norm":true,"pad_vocab_size_multiple":16,"tie_embeddings":true}""")]
    [InlineData("mamba", """{"d_model":24,"n_layer":2,"vocab_size":101,"ssm_cfg":{},"rms_norm":true,"residual_in_fp32":true,"fused_add_norm":true,"pad_vocab_size_multiple":8,"tie_embeddings":true}""")]
    public void The_configuration_has_the_form_of_state_spaces(string word, string expected)
    {
        using var folder = new TemporaryFolder();
        Shapes.Write(Architecture.Find(word)!, folder.Path);
        using var config = JsonDocument.Parse(File.ReadAllText(folder["config.json"]));
        using var wanted = JsonDocument.Parse(expected);
        Assert.True(JsonElement.DeepEquals(wanted.RootElement, config.RootElement), config.RootElement.GetRawText());
    }

    [Fact]
    public void The_configuration_of_an_official_shape_names_no_default() =>
        Assert.Contains("\"ssm_cfg\": {\n    \"layer\": \"Mamba2\"\n  }", System.Text.Encoding.UTF8.GetString(ConfigWriter.Write(ModelShape.Of(Shapes.Options(Architecture.BiMamba2)))), StringComparison.Ordinal);

    [Fact]
    public void A_shard_limit_gives_shards_and_an_index()
    {
        using var folder = new TemporaryFolder();
        Shapes.Write(Architecture.BiMamba2, folder.Path, shardBytes: 60_000);
        Assert.Contains("model-00002-of-00003.safetensors", Names(folder.Path));
        var diagnostics = new DiagnosticBag();
        using var archive = SafetensorsReader.OpenSharded(folder["model.safetensors.index.json"], diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(CheckpointPlan.Of(Shapes.Tiny(Architecture.BiMamba2), ElementType.F16).Tensors.Length, archive!.Tensors.Count);
    }

    [Fact]
    public void Equal_options_give_equal_bytes_and_another_seed_others()
    {
        using var folder = new TemporaryFolder();
        Shapes.Write(Architecture.BiMamba2, folder["a"]);
        Shapes.Write(Architecture.BiMamba2, folder["b"]);
        Shapes.Write(Architecture.BiMamba2, folder["c"], seed: 8);
        foreach (var name in (string[])["config.json", "model.safetensors"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder["a"], name)), File.ReadAllBytes(Path.Combine(folder["b"], name)));
        Assert.NotEqual(File.ReadAllBytes(Path.Combine(folder["a"], "model.safetensors")), File.ReadAllBytes(Path.Combine(folder["c"], "model.safetensors")));
    }

    [Fact]
    public void The_types_agree_to_their_rounding()
    {
        var plan = CheckpointPlan.Of(Shapes.Tiny(Architecture.BiMamba2), ElementType.F32);
        var exact = Synthesizer.Tensors(plan, Shapes.Options(Architecture.BiMamba2, type: ElementType.F32));
        foreach (var (type, bound) in new[] { (ElementType.F16, 1.0 / 2048), (ElementType.BF16, 1.0 / 256) })
        {
            var rounded = Synthesizer.Tensors(plan, Shapes.Options(Architecture.BiMamba2, type: type));
            foreach (var (left, right) in exact.Zip(rounded))
            {
                // Half a step of the smallest exponent of F16 is 2^-25.
                foreach (var (a, b) in left.Value.ToSingles().Zip(right.Value.ToSingles()))
                    Assert.InRange(Math.Abs((double)a - b), 0, (Math.Abs(a) * bound) + Math.Pow(2, -25));
            }
        }
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("model-00001-of-00007.safetensors")]
    public void A_checkpoint_is_not_overwritten_unasked(string name)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[name], "mine");
        var diagnostics = new DiagnosticBag();
        Assert.False(Write(folder.Path, force: false, diagnostics));
        var diagnostic = Assert.Single(diagnostics.Items);
        Assert.Equal((OutputDiagnostics.Exists.Id, folder[name]), (diagnostic.Id, diagnostic.Place.File));
        Assert.Equal([name], Names(folder.Path));
        Assert.Equal("mine", File.ReadAllText(folder[name]));
    }

    [Fact]
    public void Force_replaces_the_checkpoint_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        Shapes.Write(Architecture.BiMamba2, folder.Path, shardBytes: 60_000);
        File.WriteAllText(folder["tokenizer.json"], "mine");
        File.WriteAllText(folder["model-notes.safetensors"], "mine");
        Shapes.Write(Architecture.Mamba, folder.Path, force: true);
        Assert.Equal(["config.json", "model-notes.safetensors", "model.safetensors", "tokenizer.json"], Names(folder.Path));
    }

    [Fact]
    public void Other_files_of_the_folder_do_not_matter()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], "mine");
        Shapes.Write(Architecture.Mamba2, folder.Path);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Names(folder.Path));
    }

    [Fact]
    public void A_file_in_the_way_of_the_folder_is_reported()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["x"], "mine");
        var diagnostics = new DiagnosticBag();
        Assert.False(Write(folder["x"], force: true, diagnostics));
        Assert.Equal(OutputDiagnostics.NotWritable.Id, Assert.Single(diagnostics.Items).Id);
        Assert.Equal("mine", File.ReadAllText(folder["x"]));
    }

    [Fact]
    public void An_empty_name_is_reported()
    {
        var diagnostics = new DiagnosticBag();
        Assert.False(Write("", force: true, diagnostics));
        Assert.Equal(OutputDiagnostics.NotWritable.Id, Assert.Single(diagnostics.Items).Id);
    }

    [Fact]
    public void What_a_killed_run_has_left_is_cleared()
    {
        using var folder = new TemporaryFolder();
        var left = Directory.CreateDirectory(folder[$"checkpoint.{Environment.ProcessId}.partial"]);
        File.WriteAllText(Path.Combine(left.FullName, "config.json"), "{");
        Shapes.Write(Architecture.Mamba2, folder.Path);
        Assert.Equal(["config.json", "model.safetensors"], Names(folder.Path));
    }

    [Fact]
    public void Too_little_space_is_reported_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        var diagnostics = new DiagnosticBag();
        var options = new SynthesisOptions(Architecture.Mamba2, ModelSize.All[^1]) { Vocabulary = SynthesisOptions.MaxVocabulary, Type = ElementType.F32 };
        Assert.False(Synthesizer.Write(options, folder["a/b"], false, diagnostics, null, Token));
        var diagnostic = Assert.Single(diagnostics.Items);
        Assert.Equal(OutputDiagnostics.NotWritable.Id, diagnostic.Id);
        Assert.Contains("free space", diagnostic.Message, StringComparison.Ordinal);
        Assert.Empty(Names(folder.Path));
    }

    [Fact]
    public void A_failure_while_files_are_named_leaves_nothing_and_gives_their_names()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["config.json"]);
        var diagnostics = new DiagnosticBag();
        Assert.False(Write(folder.Path, force: false, diagnostics));
        var diagnostic = Assert.Single(diagnostics.Items);
        Assert.Equal((OutputDiagnostics.NotWritable.Id, folder["config.json"]), (diagnostic.Id, diagnostic.Place.File));
        Assert.Equal(["config.json"], Names(folder.Path));
    }

    [Fact]
    public void Cancelling_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        using var source = new CancellationTokenSource();
        var progress = new Reports(_ => source.Cancel());
        Assert.Throws<OperationCanceledException>(() =>
            Synthesizer.Write(Shapes.Tiny(Architecture.Mamba2), Shapes.Options(Architecture.Mamba2), folder["a/b"], false, new DiagnosticBag(), progress, source.Token));
        Assert.Empty(Names(folder.Path));
    }

    [Fact]
    public void Progress_ends_at_the_total()
    {
        using var folder = new TemporaryFolder();
        var reports = new List<SynthesisProgress>();
        var shape = Shapes.Tiny(Architecture.Mamba2);
        Assert.True(Synthesizer.Write(shape, Shapes.Options(Architecture.Mamba2), folder.Path, false, new DiagnosticBag(), new Reports(reports.Add), Token));
        var total = CheckpointPlan.Of(shape, ElementType.F16).ByteLength;
        Assert.Equal(new SynthesisProgress(total, total), reports[^1]);
        Assert.Equal(reports.OrderBy(report => report.WrittenBytes), reports);
    }

    [Fact]
    public void The_metadata_say_that_the_weights_are_random()
    {
        using var folder = new TemporaryFolder();
        Shapes.Write(Architecture.BiMamba2, folder.Path);
        var metadata = SafetensorsReader.ReadMetadata(folder["model.safetensors"], new DiagnosticBag())!;
        Assert.Equal("pt", metadata["format"]);
        Assert.Equal("bimamba2 of random weights, seed 7", metadata["synthetic"]);
    }

    private sealed class Reports(Action<SynthesisProgress> report) : IProgress<SynthesisProgress>
    {
        public void Report(SynthesisProgress value) => report(value);
    }
}
