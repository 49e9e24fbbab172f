using BiMamba.Diagnostics;
using BiMamba.Tensors;
using static BiMamba.IR.Tests.Broken;

namespace BiMamba.IR.Tests;

/// <summary>fuse: what it makes of the samples, and what it leaves with a reason.</summary>
public sealed class FuseTests
{
    private const double Bound = 2e-6;

    public static TheoryData<string> Samples => ["plain", "norm groups", "norm before gate", "no norm weight"];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Everything_that_can_be_one_op_is_one(string name)
    {
        var module = Sample(name).Build();
        var bag = new DiagnosticBag();
        var fused = Running.Apply(module, "fuse | canonicalize", bag);
        Assert.Equal(
            [OpCode.RmsNorm, OpCode.Linear, OpCode.Split, OpCode.CausalConv1d, OpCode.SsdScan, OpCode.GatedRmsNorm, OpCode.Linear, OpCode.Add],
            fused.Blocks[1].Body.Select(op => op.Code));
        Assert.Equal([OpCode.RmsNorm, OpCode.LmHead], fused.Blocks[2].Body.Select(op => op.Code));
        Assert.Equal("fused: 1 activations, 3 factors behind norms, 3 linears into 1", bag.Items[0].Message);
        Assert.Equal("z_proj_x_proj_q_proj", fused.Blocks[1].Body[1].Get("weight").Split('.')[2]);

        var ids = new Numbers(5).Ids(24, FusableSample.Vocabulary);
        var (expected, actual) = (Running.Logits(module, ids), Running.Logits(fused, ids, chunk: 5));
        Assert.InRange(expected.Zip(actual, (left, right) => Math.Abs((double)left - right)).Max() / expected.Max(Math.Abs), 0, Bound);
    }

    [Fact]
    public void A_norm_without_a_weight_takes_the_factor_as_it_is()
    {
        var module = (new FusableSample() with { HasNormWeight = false }).Build();
        var bare = Running.Apply(RewriteTests.Bare(module), "fuse");
        Assert.Equal("layers.0.norm.scale", bare.Blocks[1].Body[0].Get("weight"));
        var fused = Running.Apply(module, "fuse{linears=false, activations=false}");
        Assert.Same(module.Resources["layers.0.norm.scale"], fused.Resources["layers.0.norm.scale"]);
        Running.AssertSameBits(Running.BlockResult(module, 2, [3, 1]), Running.BlockResult(module with { Blocks = module.Blocks.SetItem(2, fused.Blocks[2]) }, 2, [3, 1]));
    }

    [Fact]
    public void Without_weights_a_second_factor_stays()
    {
        var bag = new DiagnosticBag();
        var fused = Running.Apply(RewriteTests.Bare(new FusableSample().Build()), "fuse", bag);
        Assert.Contains(fused.Blocks[1].Body, op => op.Result(0) == "m");
        Assert.Equal("fused: 1 activations, 1 factors behind norms, 3 linears into 1, 2 factors left, as their weights are not here", Assert.Single(bag.Items).Message);
    }

    [Theory]
    [InlineData(3e38f, 2f, "@layers.0.norm.scale: column 4: weight times factor is Infinity")]
    [InlineData(1e-30f, 1e-9f, "@layers.0.norm.scale: column 4: weight times factor underflows to 1E-39")]
    [InlineData(1e-30f, 1e-30f, "@layers.0.norm.scale: column 4: weight times factor underflows to 0")]
    [InlineData(float.NaN, 1f, "@layers.0.norm.scale: column 4: weight times factor is NaN")]
    public void Numbers_that_are_lost_stay_two(float weight, float factor, string reason)
    {
        var module = new FusableSample().Build();
        foreach (var (name, value) in (ReadOnlySpan<(string, float)>)[("layers.0.norm.weight", weight), ("layers.0.norm.scale", factor)])
            module = Resource(module, new Resource(name, MemoryTensor.Vector(FbiSample.Set(module.Resources[name].Data.ToSingles(), 4, value))));
        AssertLeft(module, "@layers.0 %n", reason);
    }

    [Fact]
    public void A_weight_of_two_norms_stays()
    {
        var module = new FusableSample().Build();
        module = Layer(module, At("t", op => op)) is var m ? m with { Blocks = m.Blocks.SetItem(2, m.Blocks[2] with { Body = m.Blocks[2].Body.SetItem(0, m.Blocks[2].Body[0].Adding("weight", "layers.0.norm.weight")) }) } : m;
        var bag = AssertLeft(module, "@layers.0 %n", "@layers.0.norm.weight has other uses");
        Assert.Contains(bag.Items, item => item.Place.Field == "@head %n");
    }

    [Fact]
    public void A_norm_with_two_readers_stays_silently()
    {
        var module = new FusableSample().Build();
        var layer = module.Blocks[1];
        module = module with { Blocks = module.Blocks.SetItem(1, layer with { Body = [.. layer.Body.Select(At("q", op => op.With("x", "n")))] }) };
        var bag = new DiagnosticBag();
        var fused = Running.Apply(module, "fuse", bag);
        Assert.Contains(fused.Blocks[1].Body, op => op.Result(0) == "m");
        Assert.Equal("fused: 1 activations, 2 factors behind norms, 2 linears into 1", Assert.Single(bag.Items).Message);
    }

    [Theory]
    [InlineData("pack | fuse")]
    [InlineData("fuse | pack | fuse | canonicalize")]
    public void A_column_scale_moves_into_the_norm(string pipeline)
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var numbers = new Numbers(seed);
            var sample = FbiSample.Random(seed, 1 + numbers.Below(40), 1 + numbers.Below(60)) with { IsGated = seed % 2 == 0 };
            if (seed % 3 == 0)
                sample = sample.WithLatent(0, 0.2, seed);
            var fused = Running.Apply(sample.Build(), pipeline);
            var linear = Assert.Single(fused.Blocks[1].Body, op => op.Code == OpCode.SignLinear);
            Assert.Null(linear.Find("column_scale"));
            sample.AssertExact(FbiSample.Run(fused));
            // What folding before packing gives, to the bit.
            var folded = Running.Apply(sample.Build(), "fold-fbi | pack");
            Assert.Equal(IrPrinter.Print(folded), IrPrinter.Print(fused));
        }
    }

    [Fact]
    public void An_official_zero_shift_is_divided_too()
    {
        var sample = FbiSample.Random(7, 20, 30).WithLatent(0, 0.2, 7);
        var module = Layer(sample.Build(), op => op.Code == OpCode.FbiLinear ? op.With(Attributes.Fidelity, new AttributeValue.Word("official-fp16")) : op);
        var fused = Running.Apply(module, "pack | fuse");
        Assert.NotNull(fused.Blocks[1].Body[^1].Find("zero_shift"));
        Assert.Null(fused.Blocks[1].Body[^1].Find("column_scale"));
        sample.AssertExact(FbiSample.Run(fused), official: true);
    }

    [Fact]
    public void A_column_without_a_factor_stays()
    {
        var sample = FbiSample.Random(8, 9, 11);
        sample = sample with { Scale = FbiSample.Set(sample.Scale, 3, 0) };
        var packed = Running.Apply(sample.Build(), "pack");
        AssertLeft(packed, "@layers.0 %n", $"@layers.0.in_proj.column_scale: column 3 has factor 0 and shift {sample.Shift[3]:R}");
        sample = sample with { Shift = FbiSample.Set(sample.Shift, 3, 0) };
        var fused = Running.Apply(sample.Build(), "pack | fuse");
        Assert.Null(fused.Blocks[1].Body[^1].Find("column_scale"));
        sample.AssertExact(FbiSample.Run(fused));
    }

    [Fact]
    public void A_row_shift_stands_against_a_column_scale()
    {
        var packed = Running.Apply(FbiSample.Random(8, 9, 11).Build(), "pack");
        packed = Layer(Resource(packed, new Resource("shift", MemoryTensor.Vector(new Numbers(1).Vector(9)))), At("y", op => op.Adding("row_shift", "shift")));
        AssertLeft(packed, "@layers.0 %n", "@shift multiplies the sum of the inputs as they are");
    }

    [Fact]
    public void A_shift_of_two_linears_is_divided_for_one()
    {
        // The head is a plane, too, and shares the shift.
        var sample = FbiSample.Random(9, 11, 11, hasBias: false);
        var packed = Running.Apply(sample.Build(), "pack");
        var layer = packed.Blocks[1];
        var second = layer.Body[^1].With("x", "y").Without("column_scale") with { Results = [new Value("again", ValueType.Features(11))] };
        packed = packed with { Blocks = packed.Blocks.SetItem(1, layer with { Body = layer.Body.Add(second), Return = "again" }) };
        var fused = Running.Apply(packed, "fuse");
        Assert.Equal("layers.0.in_proj.column_shift.2", fused.Blocks[1].Body[1].Get("column_shift"));
        Assert.Same(packed.Resources["layers.0.in_proj.column_shift"], fused.Resources["layers.0.in_proj.column_shift"]);
        var (expected, actual) = (FbiSample.Run(packed), FbiSample.Run(fused));
        Assert.InRange(expected.Zip(actual, (left, right) => Math.Abs((double)left - right)).Max() / expected.Max(Math.Abs), 0, Bound);
    }

    [Fact]
    public void Stacked_weights_are_views()
    {
        var module = new FusableSample().Build();
        var fused = Running.Apply(module, "fuse");
        var linear = fused.Blocks[1].Body.First(op => op.Code == OpCode.Linear);
        var data = fused.Resources[linear.Get("weight")].Data;
        var parts = ((string[])["z_proj", "x_proj", "q_proj"]).Select(name => module.Resources[$"layers.0.{name}.weight"].Data).ToList();
        Assert.True(data.IsSameStorage(new StackedTensor([.. parts])));
        Assert.Equal(parts.SelectMany(part => part.ToBytes()), data.ToBytes());
        float[] bias = [.. new float[20], .. module.Resources["layers.0.x_proj.bias"].Data.ToSingles(), .. new float[10]];
        Assert.Equal(bias, fused.Resources[linear.Get("bias")].Data.ToSingles());
    }

    [Fact]
    public void Weights_of_other_types_or_other_ops_are_not_stacked()
    {
        var module = new FusableSample().Build();
        var z = module.Resources["layers.0.z_proj.weight"];
        module = Resource(module, Weights.Halves(z.Name, z.Data.ToSingles(), 20, 12));
        Assert.Contains("2 linears into 1", Note(module), StringComparison.Ordinal);
        module = Resource(module, Weights.Halves("layers.0.x_proj.weight", module.Resources["layers.0.x_proj.weight"].Data.ToSingles(), 20, 12));
        Assert.Contains("2 linears into 1", Note(module), StringComparison.Ordinal);
        var shared = Layer(module, At("x", op => op.With("weight", "layers.0.z_proj.weight"))).WithoutUnusedResources();
        Assert.DoesNotContain("linears", Note(shared), StringComparison.Ordinal);
    }

    [Fact]
    public void Biases_of_two_types_are_stacked_as_fp32()
    {
        var module = new FusableSample().Build();
        module = Resource(module, Weights.Halves("layers.0.x_proj.bias", module.Resources["layers.0.x_proj.bias"].Data.ToSingles(), 20));
        var fused = Running.Apply(module, "fuse{norms=false, activations=false}");
        var bias = fused.Resources[fused.Blocks[1].Body.First(op => op.Code == OpCode.Linear).Get("bias")];
        Assert.Equal(Encoding.F32, bias.Encoding);
        var ids = new Numbers(5).Ids(9, FusableSample.Vocabulary);
        Running.AssertSameBits(Running.Logits(module, ids), Running.Logits(fused, ids));
    }

    private static FusableSample Sample(string name) => name switch
    {
        "norm groups" => new() { NormGroupSize = 5 },
        "norm before gate" => new() { NormBeforeGate = true },
        "no norm weight" => new() { HasNormWeight = false },
        _ => new(),
    };

    private static string Note(Module module)
    {
        var bag = new DiagnosticBag();
        Running.Apply(module, "fuse", bag);
        return Assert.Single(bag.Items).Message;
    }

    private static DiagnosticBag AssertLeft(Module module, string place, string reason)
    {
        var bag = new DiagnosticBag();
        Running.Apply(module, "fuse", bag);
        Assert.Contains(bag.Items, item => item.Id == "BIM2108" && item.Place.Field == place && item.Message == "stays unfused: " + reason);
        return bag;
    }
}
