using BiMamba.Diagnostics;
using static BiMamba.IR.Tests.FbiSample;

namespace BiMamba.IR.Tests;

/// <summary>fold-fbi with fidelity latent: the linear computes what the FBI-Linear does.</summary>
public sealed class FoldFbiTests
{
    public static TheoryData<string> Pipelines => ["", "fold-fbi", "fold-fbi | pack", "pack"];

    [Theory]
    [InlineData(37, 50, false)]
    [InlineData(37, 50, true)]
    [InlineData(1, 1, false)]
    [InlineData(16, 32, true)]
    [InlineData(33, 65, false)]
    [InlineData(5, 7, true)]
    public void Every_stage_computes_the_formula(int rows, int columns, bool gated)
    {
        var sample = Random(3, rows, columns) with { IsGated = gated };
        AssertAllStages(sample);
        var folded = Running.Apply(sample.Build(), "fold-fbi");
        Assert.Equal(["x", "sign", "column_shift", "bias"], SignRoles(folded));
        Assert.DoesNotContain("layers.0.in_proj.scale", folded.Resources.Keys);
    }

    [Theory]
    [InlineData("row", true)]
    [InlineData("row", false)]
    [InlineData("single", true)]
    [InlineData("single", false)]
    [InlineData("column", false)]
    public void Patterns_with_and_without_bias(string pattern, bool bias) => AssertAllStages(Random(4, 37, 50, pattern, bias));

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.3)]
    [InlineData(1)]
    public void Exact_zeros_stay_zero(double share)
    {
        foreach (var pattern in (string[])["column", "row", "single"])
        {
            var sample = Random(5, 37, 50, pattern).WithLatent(0, share, 6);
            AssertAllStages(sample);
            AssertAllStages(sample.WithLatent(-0.0f, share, 7));
        }
    }

    [Fact]
    public void Columns_of_scale_zero_are_constant()
    {
        var sample = Random(8, 37, 50).WithLatent(0, 0.2, 9) with { Scale = Constant(50, j => j % 3 == 0 ? 0 : 0.1f) };
        AssertAllStages(sample);
        var signs = ToTrits(Running.Apply(sample.Build(), "fold-fbi"));
        for (var i = 0; i < signs.Length; i++)
            Assert.Equal(i % 50 % 3 == 0 ? 1 : Math.Sign(sample.Latent[i]), signs[i]);
        Assert.Contains((sbyte)0, signs);
    }

    [Fact]
    public void All_columns_of_scale_zero() => AssertAllStages(Random(10, 37, 50).WithLatent(0, 0.2, 9) with { Scale = new float[50] });

    [Fact]
    public void All_columns_of_scale_and_shift_zero() => AssertAllStages(Random(10, 37, 50) with { Scale = new float[50], Shift = new float[50] });

    [Fact]
    public void Norm_weights_of_zero_and_below() =>
        AssertAllStages(Random(11, 37, 50) with { Norm = Constant(50, j => j % 4 == 0 ? 0 : j % 4 == 1 ? -0.7f : 1.3f) });

    [Fact]
    public void Negative_scales_change_the_sign_of_the_norm()
    {
        var sample = Random(12, 37, 50) with { Scale = Constant(50, _ => -0.125f), Norm = Constant(50, _ => 2) };
        AssertAllStages(sample);
        var folded = Running.Apply(sample.Build(), "fold-fbi");
        Assert.All(Tensors.TensorReading.ToSingles(folded.Resources["layers.0.norm.weight"].Data), value => Assert.Equal(-0.25f, value));
        Assert.Equal(sample.Latent.Select(value => (sbyte)Math.Sign(value)), ToTrits(folded));
    }

    [Fact]
    public void Without_shift_there_is_no_operand_for_it()
    {
        var sample = Random(13, 37, 50, hasBias: false) with { Shift = new float[50] };
        AssertAllStages(sample);
        Assert.Equal(["x", "sign"], SignRoles(Running.Apply(sample.Build(), "fold-fbi")));
    }

    [Theory]
    [InlineData(1e-20f, 1e-20f, 0.1f, "weight times scale underflows to 1E-40")]
    [InlineData(1e-30f, 1e-30f, 0.1f, "weight times scale underflows to 0")]
    [InlineData(1e30f, 1e30f, 0.1f, "weight times scale is Infinity")]
    [InlineData(1f, 1e-37f, 1e10f, "shift over scale is Infinity")]
    [InlineData(1f, 1e10f, 1e-37f, "shift over scale underflows to 0")]
    [InlineData(1e-30f, 0f, 1e-30f, "weight times scale underflows to 0")]
    public void What_cannot_be_folded_stays_as_vectors(float norm, float scale, float shift, string reason)
    {
        var random = Random(14, 37, 50);
        var sample = random with { Norm = Set(random.Norm, 7, norm), Scale = Set(random.Scale, 7, scale), Shift = Set(random.Shift, 7, shift) };
        var bag = new DiagnosticBag();
        var unfolded = Running.Apply(sample.Build(), "fold-fbi", bag);
        var warning = Assert.Single(bag.Items, item => item.Id == "BIM2102");
        Assert.Equal(("fold-fbi", "layers.0.in_proj.weight"), (warning.Place.File, warning.Place.Tensor));
        Assert.StartsWith("stays unfolded: column 7: " + reason, warning.Message, StringComparison.Ordinal);
        Assert.Equal(["x", "sign", "column_scale", "column_shift", "bias"], SignRoles(unfolded));
        Assert.Contains(bag.Items, item => item.Id == "BIM2101" && item.Message.StartsWith("0 linears folded, 1 unfolded", StringComparison.Ordinal));
        // A norm that overflows by itself has no sum to compare.
        if (norm < 1e20f)
            AssertAllStages(sample);
    }

    [Fact]
    public void A_fold_reports_its_rounding_error()
    {
        var bag = new DiagnosticBag();
        Running.Apply(Random(15, 37, 50).Build(), "fold-fbi", bag);
        var note = Assert.Single(bag.Items);
        Assert.Equal("BIM2101", note.Id);
        Assert.StartsWith("1 linears folded, 0 unfolded; largest relative weight error ", note.Message, StringComparison.Ordinal);
        Assert.EndsWith("e-8 in @layers.0.in_proj.weight", note.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_norm_with_two_uses_keeps_its_weight()
    {
        var module = Random(16, 50, 50).Build();
        module = WithLayer(module, layer => layer with
        {
            Body = layer.Body.Add(new Op(OpCode.Add, [new Value("twice", ValueType.Features(50))], [Operand.Value("a", "y"), Operand.Value("b", "n")], System.Collections.Immutable.ImmutableDictionary<string, AttributeValue>.Empty)),
            Return = "twice",
        });
        AssertUnfolded(module, "%n has other uses");
    }

    [Fact]
    public void A_norm_that_is_returned_keeps_its_weight() =>
        AssertUnfolded(WithLayer(Random(16, 50, 50).Build(), layer => layer with { Return = "n" }), "%n has other uses");

    [Fact]
    public void A_norm_weight_of_two_norms_keeps_its_weight()
    {
        var module = Random(17, 50, 50).Build();
        module = WithLayer(module, layer => layer with
        {
            Body = layer.Body.Add(layer.Body[0].With("x", "y") with { Results = [new Value("last", ValueType.Features(50))] }),
            Return = "last",
        });
        AssertUnfolded(module, "@layers.0.norm.weight has other uses");
    }

    [Fact]
    public void An_input_that_is_no_norm()
    {
        var module = WithLayer(Random(18, 37, 50).Build(), layer => layer with { Body = [layer.Body[1].With("x", "r")] }).WithoutUnusedResources();
        AssertUnfolded(module, "its input does not come from a norm");
    }

    [Theory]
    [InlineData("canonicalize | fold-fbi")]
    [InlineData("canonicalize | fold-fbi | pack")]
    [InlineData("canonicalize | pack | fuse")]
    public void A_norm_without_a_weight_takes_the_scale_as_its_weight(string pipeline)
    {
        var sample = Random(18, 37, 50);
        sample = sample with { Norm = [.. Enumerable.Repeat(1f, 50)], Scale = FbiSample.Set(sample.Scale, 9, 0), Shift = FbiSample.Set(sample.Shift, 9, pipeline.EndsWith("fuse", StringComparison.Ordinal) ? 0 : 0.5f) };
        var bag = new DiagnosticBag();
        var folded = Running.Apply(sample.Build(), pipeline, bag);
        Assert.DoesNotContain(bag.Items, item => item.Severity == Severity.Warning);
        Assert.DoesNotContain("column_scale", SignRoles(folded));
        Assert.NotNull(folded.Blocks[FbiSample.Block].Body[0].Find("weight"));
        sample.AssertExact(Run(folded));
    }

    [Fact]
    public void A_row_pattern_says_so()
    {
        var bag = new DiagnosticBag();
        Running.Apply(Random(19, 37, 50, "row").Build(), "fold-fbi", bag);
        Assert.Contains(bag.Items, item => item.Id == "BIM2102" && item.Message == "stays unfolded: its scale is by row");
    }

    [Fact]
    public void A_full_precision_linear_beside_stays()
    {
        var model = new Mamba2Sample().Build();
        var layer = model.Blocks[1];
        var index = layer.Body.IndexOf(layer.Body.Single(op => op.Result(0) == "o"));
        var linear = layer.Body[index];
        var dense = new Op(OpCode.Linear, linear.Results, [Operand.Value("x", "g"), Operand.Resource("weight", linear.Get("latent")), Operand.Resource("bias", linear.Get("bias"))], System.Collections.Immutable.ImmutableDictionary<string, AttributeValue>.Empty);
        model = (model with { Blocks = model.Blocks.SetItem(1, layer with { Body = layer.Body.SetItem(index, dense) }) }).WithoutUnusedResources();
        var ids = new Numbers(1).Ids(9, Mamba2Sample.Vocabulary);
        var expected = Running.Logits(model, ids);
        foreach (var pipeline in (string[])["fold-fbi", "fold-fbi | pack", "pack"])
        {
            var lowered = Running.Apply(model, pipeline);
            Assert.Same(model.Resources["layers.0.out_proj.weight"], lowered.Resources["layers.0.out_proj.weight"]);
            Assert.Contains("layers.0.in_proj.sign", lowered.Resources.Keys);
            AssertNear(expected, Running.Logits(lowered, ids), 1e-5);
        }
    }

    [Theory]
    [InlineData("fold-fbi")]
    [InlineData("pack")]
    [InlineData("fold-fbi | pack")]
    public void A_whole_layer_keeps_its_logits(string pipeline)
    {
        var model = new Mamba2Sample().Build();
        var ids = new Numbers(2).Ids(20, Mamba2Sample.Vocabulary);
        AssertNear(Running.Logits(model, ids), Running.Logits(Running.Apply(model, pipeline), ids), 1e-5);
    }

    private static void AssertNear(float[] expected, float[] actual, double relative)
    {
        var magnitude = expected.Max(Math.Abs);
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(Math.Abs((double)expected[i] - actual[i]), 0, relative * magnitude);
    }

    private static void AssertUnfolded(Module module, string reason)
    {
        var bag = new DiagnosticBag();
        var before = Run(module);
        var unfolded = Running.Apply(module, "fold-fbi", bag);
        Assert.Equal("stays unfolded: " + reason, Assert.Single(bag.Items, item => item.Id == "BIM2102").Message);
        AssertNear(before, Run(unfolded), 1e-5);
        AssertNear(before, Run(Running.Apply(unfolded, "pack")), 1e-5);
    }

    private static void AssertAllStages(FbiSample sample)
    {
        var module = sample.Build();
        foreach (var pipeline in Pipelines)
            sample.AssertExact(Run(Running.Apply(module, pipeline)));
    }

    private static Module WithLayer(Module module, Func<Block, Block> change) =>
        module with { Blocks = module.Blocks.SetItem(FbiSample.Block, change(module.Blocks[FbiSample.Block])) };

    private static float[] Constant(int length, Func<int, float> value) => [.. Enumerable.Range(0, length).Select(value)];

    private static IEnumerable<string> SignRoles(Module module) =>
        module.Blocks[FbiSample.Block].Body.Single(op => op.Code == OpCode.SignLinear).Operands.Select(operand => operand.Role);

    private static sbyte[] ToTrits(Module module) =>
        Array.ConvertAll(Tensors.TensorReading.ToBytes(module.Resources["layers.0.in_proj.sign"].Data), value => (sbyte)value);
}
