using System.Collections.Immutable;
using System.Reflection;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;
using static BiMamba.IR.Tests.Broken;

namespace BiMamba.IR.Tests;

/// <summary>A broken module for every rule of the verifier.</summary>
public sealed class VerifierTests
{
    private static readonly Value Ids = new("ids", new ValueType(ElementType.I32, ValueType.Tokens));

    private static readonly Dictionary<string, (DiagnosticDescriptor Rule, Func<Module> Build)> Cases = new(StringComparer.Ordinal)
    {
        ["two blocks of a name"] = (IrDiagnostics.DefinedTwice, () => new Mamba2Sample().Build() is var m ? m with { Blocks = m.Blocks.SetItem(2, m.Blocks[2] with { Name = "layers.0" }) } : m),
        ["two values of a name"] = (IrDiagnostics.DefinedTwice, () => Layer(At("n", op => op with { Results = [new Value("h", op.Result.Type)] })) is var m ? m with { Blocks = m.Blocks.SetItem(2, m.Blocks[2] with { Body = [m.Blocks[2].Body[0], m.Blocks[2].Body[1].With("x", "h")] }) } : m),
        ["a value that nobody defines"] = (IrDiagnostics.UnknownValue, () => Layer(At("s", op => op.With("b", "nothing")))),
        ["a value of another block"] = (IrDiagnostics.UnknownValue, () => Layer(At("s", op => op.With("b", "logits")))),
        ["a value before its definition"] = (IrDiagnostics.UnknownValue, () => new Mamba2Sample().Build() is var m ? m with { Blocks = m.Blocks.SetItem(1, m.Blocks[1] with { Body = [m.Blocks[1].Body[1], m.Blocks[1].Body[0], .. m.Blocks[1].Body[2..]] }) } : m),
        ["a module with a control character"] = (IrDiagnostics.Name, () => new Mamba2Sample().Build() is var m ? m with { Name = "a\e[31mb" } : m),
        ["a word with a control character"] = (IrDiagnostics.Name, () => new Mamba2Sample().Build() is var m ? m with { Attributes = m.Attributes.Add(new("layout", new AttributeValue.Word("a\rb"))) } : m),
        ["a block without a name"] = (IrDiagnostics.Name, () => new Mamba2Sample().Build() is var m ? m with { Blocks = m.Blocks.SetItem(1, m.Blocks[1] with { Name = "" }) } : m),
        ["an unknown return"] = (IrDiagnostics.UnknownValue, () => new Mamba2Sample().Build() is var m ? m with { Blocks = m.Blocks.SetItem(1, m.Blocks[1] with { Return = "nothing" }) } : m),
        ["an unknown resource"] = (IrDiagnostics.UnknownResource, () => new Mamba2Sample().Build() is var m ? m with { Resources = m.Resources.Remove("norm.weight") } : m),
        ["a missing operand"] = (IrDiagnostics.Operands, () => Layer(At("s", op => op.Without("b")))),
        ["operands in another order"] = (IrDiagnostics.Operands, () => Layer(At("s", op => op with { Operands = [op.Operands[1], op.Operands[0]] }))),
        ["an operand twice"] = (IrDiagnostics.Operands, () => Layer(At("s", op => op with { Operands = [op.Operands[0], .. op.Operands] }))),
        ["an unknown role"] = (IrDiagnostics.Operands, () => Layer(At("s", op => op with { Operands = op.Operands.Add(Operand.Value("d", "r")) }))),
        ["a value where a resource stands"] = (IrDiagnostics.Operands, () => Layer(At("logits", op => op with { Operands = [op.Operands[0], Operand.Value("weight", "n")] }))),
        ["a scale beside floats"] = (IrDiagnostics.Operands, () => Layer(At("logits", op => op.Adding("scale", "norm.weight")))),
        ["a group beside floats"] = (IrDiagnostics.Operands, () => Layer(At("logits", op => op.With(Attributes.ScaleGroup, new AttributeValue.Int(64))))),
        ["a missing attribute"] = (IrDiagnostics.OpAttributes, () => Layer(At("g", op => op with { Attributes = op.Attributes.Remove("eps") }))),
        ["an attribute of another kind"] = (IrDiagnostics.OpAttributes, () => Layer(At("g", op => op.With(Attributes.Eps, new AttributeValue.Int(1))))),
        ["a word that is not allowed"] = (IrDiagnostics.OpAttributes, () => Layer(At("conv", op => op.With(Attributes.Activation, new AttributeValue.Word("relu"))))),
        ["an unknown attribute"] = (IrDiagnostics.OpAttributes, () => Layer(At("s", op => op.With(Attributes.Eps, new AttributeValue.Float(1))))),
        ["a number beyond 32 bits"] = (IrDiagnostics.OpAttributes, () => Layer(At("y", op => op.With(Attributes.Heads, new AttributeValue.Int(1L << 31))))),
        ["a linear of other columns"] = (IrDiagnostics.ShapeMismatch, () => Shaped("layers.0.out_proj.weight", Mamba2Sample.Width, Mamba2Sample.Inner + 1)),
        ["a norm of another length"] = (IrDiagnostics.ShapeMismatch, () => Shaped("norm.weight", Mamba2Sample.Width - 1)),
        ["more ids than the embedding has rows"] = (IrDiagnostics.ShapeMismatch, () => MoreLogitsThanEmbeddings()),
        ["fbi_linear at level quant"] = (IrDiagnostics.OpLevel, () => new Mamba2Sample().Build() with { Level = Level.Quant }),
        ["sign_linear at level float"] = (IrDiagnostics.OpLevel, () => Packed() with { Level = Level.Float }),
        ["a trit plane at level packed"] = (IrDiagnostics.RoleEncoding, () => Quant() with { Level = Level.Packed }),
        ["a plane of bits at level quant"] = (IrDiagnostics.RoleEncoding, () => Packed() with { Level = Level.Quant }),
        ["integers where floats stand"] = (IrDiagnostics.RoleEncoding, () => Integers("norm.weight")),
        ["no blocks"] = (IrDiagnostics.BlockChain, () => new Module("empty", Level.Float, [], ImmutableSortedDictionary<string, Resource>.Empty, [])),
        ["a first block that takes features"] = (IrDiagnostics.BlockChain, () => One(new Block("b", new Value("x", ValueType.Features(3)), [], "x"))),
        ["a block that takes other features"] = (IrDiagnostics.BlockChain, () => new Mamba2Sample().Build() is var m ? m with { Blocks = m.Blocks.RemoveAt(1).Insert(1, new Block("other", new Value("x", ValueType.Features(3)), [], "x")) } : m),
        ["a last block that returns ids"] = (IrDiagnostics.BlockChain, () => One(new Block("b", Ids, [], "ids"))),
        ["a block that hands ids on"] = (IrDiagnostics.BlockChain, () => new Mamba2Sample().Build() is var m ? m with { Blocks = m.Blocks.Insert(0, new Block("before", Ids, [], "ids")) } : m),
        ["a result of another type"] = (IrDiagnostics.ResultType, () => Layer(At("logits", op => op with { Results = [new Value("logits", ValueType.Features(10))] }))),
        ["a result too few"] = (IrDiagnostics.ResultType, () => Layer(At("u", op => op with { Results = op.Results.Add(new Value("more", ValueType.Features(1))) }))),
        ["an unused resource"] = (IrDiagnostics.UnusedResource, () => Resource(new Resource("alone", MemoryTensor.Vector([1])))),
    };

    private static DiagnosticDescriptor[] Rows =>
        [.. typeof(IrDiagnostics).GetFields(BindingFlags.Public | BindingFlags.Static).Select(row => (DiagnosticDescriptor)row.GetValue(null)!)];

    public static TheoryData<string> RuleIds => [.. Rows.Select(row => row.Id)];

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void Every_rule_has_a_broken_module(string id) =>
        Assert.True(Cases.Values.Any(one => one.Rule.Id == id), $"{id} has no broken module");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_module_is_refused_by_its_rule(string name)
    {
        var (rule, build) = Cases[name];
        var bag = new DiagnosticBag();
        Assert.False(Verifier.Verify(build(), "after x", bag));
        Assert.Contains(bag.Items, item => item.Descriptor == rule);
        Assert.All(bag.Items, item => Assert.Equal("after x", item.Place.File));
    }

    [Fact]
    public void Rules_have_ids_of_their_own()
    {
        Assert.Equal(Rows.Length, Rows.Select(row => row.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Rows, row => Assert.StartsWith("BIM20", row.Id, StringComparison.Ordinal));
    }

    [Fact]
    public void Good_modules_are_accepted()
    {
        foreach (var module in (Module[])[Mamba1Sample.Build(), new Mamba2Sample().Build(), new FusableSample().Build(), Quant(), Packed()])
        {
            var bag = new DiagnosticBag();
            Assert.True(Verifier.Verify(module, "x", bag), string.Join('\n', bag.Items));
            Assert.Empty(bag.Items);
        }
    }

    [Fact]
    public void A_place_names_block_op_and_resource()
    {
        var bag = new DiagnosticBag();
        Assert.False(Verifier.Verify(Shaped("layers.0.d", 3), "after fold-fbi", bag));
        var item = Assert.Single(bag.Items);
        Assert.Equal("error BIM2006: after fold-fbi: tensor 'layers.0.d': @layers.0[5] ssd_scan: d: expected [4] or [20], found [3]", item.ToString());
    }

    [Fact]
    public void A_wrong_weight_is_told_once()
    {
        var bag = new DiagnosticBag();
        Assert.False(Verifier.Verify(Integers("layers.0.out_proj.weight"), "x", bag));
        Assert.Single(bag.Items);
    }

    [Fact]
    public void A_full_bag_hides_no_broken_module()
    {
        var bag = new DiagnosticBag();
        for (var i = 0; i <= DiagnosticBag.MaxErrors; i++)
            bag.Add(IrDiagnostics.UnusedResource, "before", Place.None);
        Assert.False(Verifier.Verify(Integers("norm.weight"), "x", bag));
    }

    private static Module MoreLogitsThanEmbeddings()
    {
        var weights = new Weights(1);
        var embed = weights.Embed(weights.Random("embedding.weight", 1, 3, 2));
        var head = weights.Block("head", "h", 2);
        head.Add("logits", OpCode.LmHead, [("x", "h"), ("weight", weights.Random("lm_head.weight", 1, 4, 2))]);
        return new Module("m", Level.Float, [], weights.Map, [embed, head.Return("logits")]);
    }
}
