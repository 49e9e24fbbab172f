using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Synthesis.Tests;

/// <summary>The tables against published figures.</summary>
public class TableTests
{
    private static CheckpointPlan Plan(string architecture, string size, int? vocabulary = null)
    {
        var diagnostics = new DiagnosticBag();
        var options = SynthesisOptions.Create(architecture, size, vocabulary, 0, null, diagnostics);
        Assert.Empty(diagnostics.Items);
        return CheckpointPlan.Of(options!);
    }

    private static string ShapeOf(CheckpointPlan plan, string name) => plan.Tensors.Single(tensor => tensor.Name == name).Shape.ToString();

    // Parameters of the published models with 32,000 entries, in units of 100,000.
    [Theory]
    [InlineData("780m", 7521)]
    [InlineData("1.3b", 13063)]
    [InlineData("2.7b", 26558)]
    public void Bi_Mamba_has_the_published_parameters(string size, long expected)
    {
        var plan = Plan("bimamba2", size, 32_000);
        Assert.Equal(expected, (plan.Parameters + 50_000) / 100_000);
        Assert.Equal(plan.Parameters, Plan("mamba2", size, 32_000).Parameters);
        Assert.Equal("[32000," + ModelSize.All.Single(row => row.Word == size).Width + "]", ShapeOf(plan, "backbone.embedding.weight"));
    }

    // F16 GiB of the models of 50,288 rows, in thousandths.
    [Theory]
    [InlineData("780m", 1453)]
    [InlineData("1.3b", 2503)]
    [InlineData("2.7b", 5034)]
    public void Mamba2_has_the_published_bytes(string size, long expected) =>
        Assert.Equal(expected, Math.Round(Plan("mamba2", size).ByteLength * 1000.0 / (1 << 30)));

    // Counted from the published files of state-spaces/mamba-*.
    [Theory]
    [InlineData("130m", 129_135_360)]
    [InlineData("2.7b", 2_768_345_600)]
    [InlineData("2.8b", 2_768_345_600)]
    public void Mamba_has_the_published_parameters(string size, long expected) =>
        Assert.Equal(expected, Plan("mamba", size).Parameters);

    [Theory]
    [InlineData("780m", 6448, 3328, 48)]
    [InlineData("1.3b", 8512, 4352, 64)]
    [InlineData("2.7b", 10576, 5376, 80)]
    public void Bi_Mamba_has_the_published_shapes(string size, int rows, int channels, int heads)
    {
        var plan = Plan("bimamba2", size);
        var d = ModelSize.All.Single(row => row.Word == size).Width;
        Assert.Equal($"[50288,{d}]", ShapeOf(plan, "backbone.embedding.weight"));
        Assert.Equal($"[{rows},{d}]", ShapeOf(plan, "backbone.layers.0.mixer.in_proj.weight"));
        Assert.Equal($"[1,{d}]", ShapeOf(plan, "backbone.layers.0.mixer.in_proj.wscale"));
        Assert.Equal($"[1,{d}]", ShapeOf(plan, "backbone.layers.0.mixer.in_proj.wbias"));
        Assert.Equal($"[{d},{2 * d}]", ShapeOf(plan, "backbone.layers.0.mixer.out_proj.weight"));
        Assert.Equal($"[1,{2 * d}]", ShapeOf(plan, "backbone.layers.0.mixer.out_proj.wscale"));
        Assert.Equal($"[1,{2 * d}]", ShapeOf(plan, "backbone.layers.0.mixer.out_proj.wbias"));
        Assert.Equal($"[{channels},1,4]", ShapeOf(plan, "backbone.layers.0.mixer.conv1d.weight"));
        Assert.Equal($"[{channels}]", ShapeOf(plan, "backbone.layers.0.mixer.conv1d.bias"));
        Assert.Equal($"[{heads}]", ShapeOf(plan, "backbone.layers.0.mixer.dt_bias"));
        Assert.Equal($"[{heads}]", ShapeOf(plan, "backbone.layers.0.mixer.A_log"));
        Assert.Equal($"[{heads}]", ShapeOf(plan, "backbone.layers.0.mixer.D"));
        Assert.Equal($"[{2 * d}]", ShapeOf(plan, "backbone.layers.0.mixer.norm.weight"));
        Assert.Equal($"[{d}]", ShapeOf(plan, "backbone.layers.0.norm.weight"));
        Assert.Equal($"[{d}]", ShapeOf(plan, "backbone.norm_f.weight"));
    }

    [Fact]
    public void Mamba_has_the_published_shapes()
    {
        var plan = Plan("mamba", "130m");
        Assert.Equal("[50280,768]", ShapeOf(plan, "backbone.embedding.weight"));
        Assert.Equal("[3072,768]", ShapeOf(plan, "backbone.layers.23.mixer.in_proj.weight"));
        Assert.Equal("[1536,1,4]", ShapeOf(plan, "backbone.layers.23.mixer.conv1d.weight"));
        Assert.Equal("[1536]", ShapeOf(plan, "backbone.layers.23.mixer.conv1d.bias"));
        Assert.Equal("[80,1536]", ShapeOf(plan, "backbone.layers.23.mixer.x_proj.weight"));
        Assert.Equal("[1536,48]", ShapeOf(plan, "backbone.layers.23.mixer.dt_proj.weight"));
        Assert.Equal("[1536]", ShapeOf(plan, "backbone.layers.23.mixer.dt_proj.bias"));
        Assert.Equal("[1536,16]", ShapeOf(plan, "backbone.layers.23.mixer.A_log"));
        Assert.Equal("[1536]", ShapeOf(plan, "backbone.layers.23.mixer.D"));
        Assert.Equal("[768,1536]", ShapeOf(plan, "backbone.layers.23.mixer.out_proj.weight"));
    }

    [Fact]
    public void Every_row_gives_a_plan()
    {
        var tensorsOfLayer = new Dictionary<Architecture, int> { [Architecture.Mamba2] = 9, [Architecture.BiMamba2] = 13, [Architecture.Mamba] = 10 };
        foreach (var architecture in Architecture.All)
        {
            foreach (var size in ModelSize.All)
            {
                var plan = Plan(architecture.Word, size.Word);
                Assert.Equal((size.Layers * tensorsOfLayer[architecture]) + 2, plan.Tensors.Length);
                Assert.Equal(plan.Tensors.Length, plan.Tensors.Select(tensor => tensor.Name).Distinct(StringComparer.Ordinal).Count());
            }
        }
    }

    [Fact]
    public void Every_wrong_value_is_reported()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(SynthesisOptions.Create("mamba3", "7b", 0, 0, "f64", diagnostics));
        Assert.Equal(
            [SynthesisDiagnostics.UnknownArchitecture.Id, SynthesisDiagnostics.UnknownSize.Id, SynthesisDiagnostics.Vocabulary.Id, SynthesisDiagnostics.UnknownType.Id],
            diagnostics.Items.Select(item => item.Id));
        Assert.All(diagnostics.Items, item => Assert.Contains("found ", item.Message, StringComparison.Ordinal));
        Assert.Equal(ExitCode.Usage, diagnostics.ExitCode);
    }

    [Fact]
    public void The_words_of_Mamba_1_are_of_Mamba_1_alone()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(SynthesisOptions.Create("mamba2", "2.8b", null, 0, null, diagnostics));
        Assert.Equal(SynthesisDiagnostics.UnknownSize.Id, Assert.Single(diagnostics.Items).Id);
    }

    [Fact]
    public void The_largest_vocabulary_has_a_plan()
    {
        var options = SynthesisOptions.Create("mamba2", "2.7b", SynthesisOptions.MaxVocabulary, 0, "f32", new DiagnosticBag());
        Assert.Equal(ElementType.F32, options!.Type);
        Assert.Equal(2_147_483_632, CheckpointPlan.Of(options).Tensors[0].Shape[0]);
    }
}
