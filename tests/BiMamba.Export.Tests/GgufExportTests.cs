using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Export.Gguf;
using BiMamba.Formats.Gguf;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Testing.Building;

namespace BiMamba.Export.Tests;

/// <summary>What a GGUF file holds of a model, without reading it back.</summary>
public sealed class GgufExportTests
{
    /// <summary>Names, sizes and what a type loses. The bounds are half a step of the type over the root of its uniform error.</summary>
    [Theory]
    [InlineData("f32", 0, 0)]
    [InlineData("f16", 1e-4, 3e-4)]
    [InlineData("bf16", 1e-3, 2.5e-3)]
    [InlineData("q8_0", 1e-3, 8e-3)]
    [InlineData("q4_0", 2e-2, 1.2e-1)]
    public void A_type_loses_what_it_must(string type, double least, double most)
    {
        using var source = Models.Golden("tiny-mamba2-hf");
        var exporter = Create(source.Module, GgmlType.Find(type)!);
        var diagnostics = new DiagnosticBag();
        Assert.True(exporter.Measure(new ParallelOptions(), diagnostics, null));
        var losses = exporter.Losses.Where(loss => loss.Tensor.Contains("ssm_", StringComparison.Ordinal)).ToArray();
        Assert.Equal(12, losses.Length);
        // The checkpoint is fp16, which f16 holds.
        Assert.All(losses, loss => Assert.InRange(loss.RelativeError, type == "f16" ? 0 : least, most));
        Assert.Equal(losses.Any(loss => loss.RelativeError > 0), diagnostics.Items.Any(item => item.Id == "BIM6304"));
    }

    [Theory]
    [InlineData("q1_0", 0, true)]
    [InlineData("q1_0", 0.25f, false)]
    [InlineData("tq1_0", 0, true)]
    [InlineData("tq2_0", 0, true)]
    public void A_Bi_Mamba_without_shift_is_held_exactly_by_types_of_signs(string type, float shift, bool isExact)
    {
        using var source = Models.Small(SmallCheckpoint.Mamba2(model: 256), tensors => Signs.Binarize(tensors, shift));
        var module = Models.Apply(source.Module, "fold-fbi");
        var exporter = Create(module, GgmlType.Find(type)!, strict: true);
        var diagnostics = new DiagnosticBag();
        Assert.Equal(isExact, exporter.Measure(new ParallelOptions(), diagnostics, null));
        Assert.Equal(isExact, exporter.Losses.All(loss => loss.RelativeError == 0));
        Assert.Equal(isExact ? [] : ["BIM6303"], diagnostics.Items.Select(item => item.Id));
    }

    [Fact]
    public void The_bytes_are_the_same_on_every_run()
    {
        using var folder = new TemporaryFolder();
        using var source = Models.Golden("tiny-bimamba-official");
        var files = new[] { folder["a.gguf"], folder["b.gguf"] };
        foreach (var file in files)
            Assert.True(Create(Models.Apply(source.Module, "fold-fbi"), GgmlType.Q8).Write(file, false, new DiagnosticBag(), TestContext.Current.CancellationToken));
        Assert.Equal(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[1]));
    }

    [Fact]
    public void A_number_beyond_the_type_is_named()
    {
        using var source = Models.Small(SmallCheckpoint.Mamba2(), tensors => tensors["backbone.layers.1.mixer.in_proj.weight"] = MemoryTensor.Of(
            [.. Enumerable.Repeat(1e6f, (int)tensors["backbone.layers.1.mixer.in_proj.weight"].Shape.Count)], tensors["backbone.layers.1.mixer.in_proj.weight"].Shape));
        var diagnostics = new DiagnosticBag();
        Assert.False(Create(source.Module, GgmlType.F16).Measure(new ParallelOptions(), diagnostics, null));
        Assert.Contains("blk.1.ssm_in.weight", Assert.Single(diagnostics.Items, item => item.Id == "BIM2105").Place.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("time_step_limit", "time step without bounds")]
    [InlineData("groups", "gated norm over the")]
    [InlineData("bias", "projection without a bias")]
    public void What_the_architecture_has_no_place_for_is_refused(string part, string message)
    {
        using var source = part switch
        {
            "groups" => Models.Small(SmallCheckpoint.HuggingFace(groups: 2)),
            "bias" => Models.Small(SmallCheckpoint.Mamba2(), Biases),
            _ => Models.Small(Limited()),
        };
        var diagnostics = new DiagnosticBag();
        Assert.Null(GgufExporter.Create(source.Module, null, Options(GgmlType.F32), "m", diagnostics));
        Assert.All(diagnostics.Items.Where(item => item.Severity == Severity.Error), item => Assert.Contains(message, item.Message, StringComparison.Ordinal));
        Assert.True(diagnostics.HasErrors);
    }

    [Fact]
    public void A_layer_of_another_width_is_written_with_a_warning()
    {
        using var source = Models.Small(SmallCheckpoint.Mamba1(inner: 24));
        var diagnostics = new DiagnosticBag();
        Assert.NotNull(GgufExporter.Create(source.Module, null, Options(GgmlType.F32), "m", diagnostics));
        Assert.Contains(diagnostics.Items, item => item.Id == ExportDiagnostics.Reader.Id);
    }

    [Fact]
    public void A_model_without_layers_is_refused()
    {
        using var source = Models.Small(SmallCheckpoint.Mamba2());
        var diagnostics = new DiagnosticBag();
        var module = source.Module with { Blocks = [source.Module.Blocks[0], source.Module.Blocks[^1]] };
        Assert.Null(GgufExporter.Create(module, null, Options(GgmlType.F32), "m", diagnostics));
        Assert.Equal(ExportDiagnostics.NotALayer.Id, Assert.Single(diagnostics.Items).Id);
    }

    [Fact]
    public void Rows_that_are_no_whole_blocks_are_said_once_a_shape()
    {
        using var source = Models.Golden("tiny-bimamba-official");
        var diagnostics = new DiagnosticBag();
        Assert.NotNull(GgufExporter.Create(source.Module, null, Options(GgmlType.TQ2), "m", diagnostics));
        Assert.Equal(["found 192 columns in 6 tensors", "found 384 columns in 6 tensors"], diagnostics.Items.Where(item => item.Id == ExportDiagnostics.OtherType.Id).Select(item => item.Message.Split(", ")[1]));
    }

    private static SmallCheckpoint Limited()
    {
        var small = SmallCheckpoint.Mamba2();
        small.Set("ssm_cfg.dt_limit", new System.Text.Json.Nodes.JsonArray(0.01, 0.1));
        return small;
    }

    private static void Biases(Dictionary<string, Tensor> tensors)
    {
        foreach (var name in tensors.Keys.Where(name => name.EndsWith("_proj.weight", StringComparison.Ordinal)).ToArray())
            tensors.Add(name[..^6] + "bias", MemoryTensor.Vector(new float[tensors[name].Shape[0]]));
    }

    private static GgufExporter Create(IR.Module module, GgmlType type, bool strict = false)
    {
        var diagnostics = new DiagnosticBag();
        return Models.Good(GgufExporter.Create(module, null, Options(type) with { Strict = strict, Embedding = strict ? GgmlType.F32 : Options(type).Embedding }, "m", diagnostics), diagnostics);
    }

    private static GgufExportOptions Options(GgmlType type) => new(type, type == GgmlType.F32 ? GgmlType.F32 : GgmlType.F16, false, "m", "{}", "bimambac");
}
