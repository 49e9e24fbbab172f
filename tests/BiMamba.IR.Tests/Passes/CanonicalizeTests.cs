using BiMamba.Diagnostics;
using BiMamba.Tensors;
using static BiMamba.IR.Tests.Broken;

namespace BiMamba.IR.Tests;

/// <summary>canonicalize: each rule, and what it must leave.</summary>
public sealed class CanonicalizeTests
{
    [Fact]
    public void A_split_of_a_part_joins_the_split_before_it()
    {
        var (module, note) = Apply(new FusableSample().Build());
        var split = Assert.Single(module.Blocks[1].Body, op => op.Code == OpCode.Split);
        Assert.Equal(["b", "c", "dt"], split.Results.Select(result => result.Name));
        Assert.Equal([3, 3, 4], split.Ints(Attributes.Sizes));
        Assert.Equal("1 splits merged, 1 identities removed, 1 resources removed", note);
    }

    [Fact]
    public void A_part_that_somebody_else_reads_stays_a_part()
    {
        var module = new FusableSample().Build();
        var layer = module.Blocks[1];
        var silu = new Op(OpCode.Silu, [new Value("more", ValueType.Features(7))], [Operand.Value("x", "rest")], layer.Body[0].Attributes.Clear());
        var (kept, _) = Apply(module with { Blocks = module.Blocks.SetItem(1, layer with { Body = layer.Body.Insert(7, silu) }) });
        // Nobody reads the silu: it goes first, and the splits merge.
        Assert.Single(kept.Blocks[1].Body, op => op.Code == OpCode.Split);

        var second = new Op(OpCode.Split, [new Value("again", ValueType.Features(3)), new Value("dt2", ValueType.Features(4))], [Operand.Value("x", "rest")], layer.Body[6].Attributes);
        var body = layer.Body.Insert(7, second).Select(op => op.Code == OpCode.SsdScan ? op.With("dt", "dt2") : op);
        (kept, _) = Apply(module with { Blocks = module.Blocks.SetItem(1, layer with { Body = [.. body] }) });
        Assert.Equal(3, kept.Blocks[1].Body.Count(op => op.Code == OpCode.Split));
    }

    [Fact]
    public void A_scale_of_ones_goes_even_as_the_result()
    {
        var module = new FusableSample().Build();
        var layer = module.Blocks[1];
        var (result, _) = Apply(module with { Blocks = module.Blocks.SetItem(1, layer with { Body = layer.Body.RemoveAt(layer.Body.Length - 1), Return = "i" }) });
        Assert.Equal("o", result.Blocks[1].Return);
        Assert.DoesNotContain("layers.0.out_proj.ones", result.Resources.Keys);
    }

    [Theory]
    [InlineData(1.0000001f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    public void A_scale_that_is_nearly_one_stays(float value)
    {
        var ones = Enumerable.Repeat(1f, FusableSample.Width).ToArray();
        ones[^1] = value;
        var (result, _) = Apply(Resource(new FusableSample().Build(), new Resource("layers.0.out_proj.ones", MemoryTensor.Vector(ones))));
        Assert.Contains(result.Blocks[1].Body, op => op.Result(0) == "i");
    }

    [Theory]
    [InlineData("column_scale", 1f)]
    [InlineData("column_shift", 0f)]
    [InlineData("row_scale", 1f)]
    [InlineData("row_shift", 0f)]
    [InlineData("zero_shift", -0f)]
    [InlineData("bias", 0f)]
    public void A_vector_without_effect_goes(string role, float neutral)
    {
        foreach (var other in (float[])[neutral, 0.5f])
        {
            var quant = Quant();
            var linear = quant.Blocks[1].Body.Single(op => op.Results[0].Name == "o");
            var rows = role.StartsWith("row", StringComparison.Ordinal) || role == "bias";
            var vector = new Resource("vector", MemoryTensor.Vector([.. Enumerable.Repeat(other, rows ? Mamba2Sample.Width : Mamba2Sample.Inner)]));
            var module = Layer(Resource(quant, vector), At("o", op => op.Without(role).Adding(role, "vector"))).WithoutUnusedResources();
            var ids = new Numbers(5).Ids(9, Mamba2Sample.Vocabulary);
            var (result, _) = Apply(module);
            Assert.Equal(other == neutral, result.Blocks[1].Body.Single(op => op.Results[0].Name == linear.Results[0].Name).Find(role) is null);
            Assert.Equal(Running.Logits(module, ids), Running.Logits(result, ids));
        }
    }

    [Fact]
    public void Zero_shift_goes_where_a_packed_plane_has_no_zeros()
    {
        var vector = new Resource("vector", MemoryTensor.Vector(new Numbers(4).Vector(Mamba2Sample.Inner)));
        var module = Layer(Resource(Packed(), vector), At("o", op => op.Adding("zero_shift", "vector")));
        Assert.Null(module.Blocks[1].Body.Single(op => op.Result(0) == "o").Find("zeros"));
        foreach (var given in (Module[])[module, RewriteTests.Bare(module)])
        {
            var (result, note) = Apply(given);
            Assert.Null(result.Blocks[1].Body.Single(op => op.Result(0) == "o").Find("zero_shift"));
            Assert.Equal("1 operands without effect removed, 1 resources removed", note);
        }

        var zeros = Weights.Bytes("zeros", Encoding.U32, BitConverter.GetBytes(7), 1);
        var (kept, _) = Apply(Layer(Resource(module, zeros), At("o", op => op.Adding("zeros", "zeros"))));
        Assert.NotNull(kept.Blocks[1].Body.Single(op => op.Result(0) == "o").Find("zero_shift"));
        var none = Weights.Bytes("zeros", Encoding.U32, [], 0);
        (kept, _) = Apply(Layer(Resource(module, none), At("o", op => op.Adding("zeros", "zeros"))));
        Assert.Empty(kept.Resources.Keys.Intersect(["zeros", "vector"]));
    }

    [Fact]
    public void Trits_keep_their_zero_shift()
    {
        var vector = new Resource("vector", MemoryTensor.Vector(new Numbers(4).Vector(Mamba2Sample.Inner)));
        var (result, note) = Apply(Layer(Resource(Quant(), vector), At("o", op => op.Adding("zero_shift", "vector"))));
        Assert.Contains("vector", result.Resources.Keys);
        Assert.Equal("nothing to do", note);
    }

    [Fact]
    public void Nobody_reads_a_scan_that_is_not_returned()
    {
        var module = new Mamba2Sample().Build();
        var layer = module.Blocks[1];
        var (result, note) = Apply(module with { Blocks = module.Blocks.SetItem(1, layer with { Return = "n" }) });
        Assert.Equal("n", Assert.Single(result.Blocks[1].Body).Result(0));
        Assert.Equal("8 unread ops removed, 14 resources removed", note);
    }

    [Fact]
    public void Without_weights_factors_stay()
    {
        var (result, note) = Apply(RewriteTests.Bare(new FusableSample().Build()));
        Assert.Contains("layers.0.out_proj.ones", result.Resources.Keys);
        Assert.Equal("1 splits merged", note);
    }

    private static (Module Module, string Note) Apply(Module module)
    {
        var bag = new DiagnosticBag();
        var result = Running.Apply(module, "canonicalize", bag);
        var note = Assert.Single(bag.Items);
        Assert.Equal(("BIM2101", "canonicalize"), (note.Id, note.Place.File));
        return (result, note.Message);
    }
}
