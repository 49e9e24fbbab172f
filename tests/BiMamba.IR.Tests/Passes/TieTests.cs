using BiMamba.Diagnostics;
using BiMamba.Tensors;
using static BiMamba.IR.Tests.Broken;

namespace BiMamba.IR.Tests;

/// <summary>tie-weights and untie, and that one takes back what the other does.</summary>
public sealed class TieTests
{
    [Fact]
    public void Untying_and_tying_gives_the_module_back()
    {
        foreach (var pipeline in (string[])["", "fold-fbi | pack", "quantize-embedding{bits=4, group=6}"])
        {
            var module = Running.Apply(new Mamba2Sample().Build(), pipeline);
            var bag = new DiagnosticBag();
            var untied = Running.Apply(module, "untie", bag);
            Assert.Equal("head.weight", untied.Blocks[2].Body[^1].Get("weight"));
            Assert.Equal(pipeline.StartsWith("quantize", StringComparison.Ordinal) ? "2 resources more" : "1 resources more", Assert.Single(bag.Items).Message);
            Assert.Same(module.Resources["embedding.weight"].Data, untied.Resources["head.weight"].Data);
            Assert.Equal(IrPrinter.Print(module), IrPrinter.Print(Running.Apply(untied, "tie-weights")));
        }
    }

    [Fact]
    public void Every_operand_gets_its_own()
    {
        var sample = FbiSample.Random(1, 5, 5, hasBias: false);
        var module = Layer(sample.Build(), op => op.Code == OpCode.FbiLinear ? op.With("shift", op.Get("scale")) : op).WithoutUnusedResources();
        var untied = Running.Apply(module, "untie");
        Assert.Equal("layers.0.shift", untied.Blocks[1].Body[^1].Get("shift"));
        Assert.All(untied.Resources.Keys, name => Assert.Equal(1, untied.Uses(name)));
        Running.AssertSameBits(FbiSample.Run(module), FbiSample.Run(untied));
    }

    [Fact]
    public void A_taken_name_gets_a_number()
    {
        var module = new Mamba2Sample().Build();
        module = Running.Apply(module, "rename{map=[[\"norm.weight\", \"head.weight\"]]}");
        Assert.Equal("head.weight.2", Running.Apply(module, "untie").Blocks[2].Body[^1].Get("weight"));
    }

    [Fact]
    public void Only_embedding_and_head_are_tied_unless_all_are_wanted()
    {
        var sample = new Mamba2Sample { DPerChannel = true }.Build();
        var twin = sample.Resources["layers.0.gate_norm.weight"].Renamed("layers.0.twin");
        var module = Layer(Resource(sample, twin), At("y", op => op.With("d", twin.Name))).WithoutUnusedResources();
        Assert.Contains("layers.0.twin", Running.Apply(module, "tie-weights").Resources.Keys);
        var all = Running.Apply(module, "tie-weights{all=true}");
        Assert.DoesNotContain("layers.0.gate_norm.weight", all.Resources.Keys);
        Assert.Equal(2, all.Uses("layers.0.twin"));
    }

    [Fact]
    public void One_bit_keeps_weights_apart()
    {
        var module = Running.Apply(new Mamba2Sample().Build(), "untie");
        var bytes = module.Resources["head.weight"].Data.ToBytes();
        bytes[^4] ^= 1;
        var shape = module.Resources["head.weight"].Shape;
        var bag = new DiagnosticBag();
        var kept = Running.Apply(Resource(module, new Resource("head.weight", new MemoryTensor(bytes, ElementType.F32, shape))), "tie-weights", bag);
        Assert.Contains("head.weight", kept.Resources.Keys);
        Assert.Equal("0 resources tied, 0 bytes less", Assert.Single(bag.Items).Message);
    }

    [Fact]
    public void Bytes_have_the_last_word()
    {
        // A hash that a file gives says nothing about the bytes.
        var module = Running.Apply(new Mamba2Sample().Build(), "untie");
        var other = new Resource("head.weight", Encoding.F32, module.Resources["head.weight"].Shape, MemoryTensor.Of(new Numbers(3).Vector(132), Shape.Of(11, 12)), module.Resources["embedding.weight"].Sha256);
        Assert.Contains("head.weight", Running.Apply(Resource(module, other), "tie-weights").Resources.Keys);
    }

    [Fact]
    public void Equal_bytes_of_another_storage_are_tied()
    {
        var module = Running.Apply(new Mamba2Sample().Build(), "untie");
        var copy = MemoryTensor.Of(module.Resources["embedding.weight"].Data.ToSingles(), Shape.Of(11, 12));
        var bag = new DiagnosticBag();
        var tied = Running.Apply(Resource(module, new Resource("head.weight", copy)), "tie-weights", bag);
        Assert.DoesNotContain("head.weight", tied.Resources.Keys);
        Assert.Equal("1 resources tied, 528 bytes less", Assert.Single(bag.Items).Message);
    }

    [Fact]
    public void Equal_bytes_of_another_type_stay()
    {
        var module = Running.Apply(new Mamba2Sample().Build(), "untie");
        var zeros = new byte[528];
        var both = Resource(Resource(module, new Resource("head.weight", new MemoryTensor(zeros, ElementType.F32, Shape.Of(11, 12)))), new Resource("embedding.weight", new MemoryTensor(zeros.AsMemory(0, 264), ElementType.F16, Shape.Of(11, 12))));
        Assert.Contains("head.weight", Running.Apply(both, "tie-weights{all=true}").Resources.Keys);
    }
}
