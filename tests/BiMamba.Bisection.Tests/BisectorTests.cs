using BiMamba.Bisection.Planting;
using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Runtime;

namespace BiMamba.Bisection;

/// <summary>Cases in which the answer is not one weight of one layer.</summary>
public class BisectorTests
{
    private const string Rounding = "fold-fbi{fidelity=official-fp16}";

    [Fact]
    public void Where_no_layer_leaves_the_tolerance_alone_the_largest_is_named_as_such()
    {
        using var model = GoldenModels.Import(GoldenModels.Binarized);
        var whole = GoldenModels.Bisect(model.Module, GoldenModels.Pipeline(Rounding));
        Assert.True(whole.Culprit!.Block!.IsAlone);
        var tolerance = whole.Stages[0].FromInput!.Max * 0.9;
        var culprit = GoldenModels.Bisect(model.Module, GoldenModels.Pipeline(Rounding), tolerance).Culprit!;
        Assert.False(culprit.Block!.IsAlone);
        Assert.InRange(culprit.Block.Logits!.Max, whole.Culprit.Block.Logits!.Max, tolerance);
        Assert.NotNull(culprit.Tensor);
    }

    [Fact]
    public void Where_stages_add_up_the_last_one_is_named_as_such()
    {
        using var model = GoldenModels.Import(GoldenModels.Float);
        var faulty = new FaultyPass(PassTable.All.Single(pass => pass.Info.Name == "untie"), module => Fault.Exchange(module, "norm_f.weight", weight => WeightEdit.Map(weight, values => [.. values.Select(value => value * 1.01f)])));
        var pipeline = GoldenModels.Pipeline("untie | untie", faulty);
        var stages = GoldenModels.Bisect(model.Module, pipeline, double.MaxValue).Stages;
        var culprit = GoldenModels.Bisect(model.Module, pipeline, stages[1].FromInput!.Max * 0.75).Culprit!;
        Assert.Equal(1, culprit.Stage);
        Assert.False(culprit.IsSudden);
        Assert.Equal((model.Module.Blocks[^1].Name, false), (culprit.Block?.Name, culprit.Block?.IsAlone));
        Assert.Equal(["norm_f.weight"], culprit.Tensor!.Resources);
    }

    [Fact]
    public void A_block_that_returns_another_value_is_named()
    {
        var culprit = Plant(module => EachBlock(module, "layers.1", block => block with { Return = block.Parameter.Name }), out _);
        Assert.Equal("layers.1", culprit.Block?.Name);
        Assert.Contains("split %", culprit.Tensor!.OpAfter, StringComparison.Ordinal);
        Assert.NotEqual(culprit.Tensor.OpBefore, culprit.Tensor.OpAfter);
    }

    [Fact]
    public void A_layer_that_is_gone_leaves_only_the_pass_to_name()
    {
        var culprit = Plant(module => (module with { Blocks = module.Blocks.RemoveAll(block => block.Name == "layers.2") }).WithoutUnusedResources(), out var result);
        Assert.Null(culprit.Block);
        Assert.Null(ReproducerText.Print(result));
    }

    [Theory]
    [InlineData("block")]
    [InlineData("value")]
    [InlineData("operand")]
    [InlineData("return")]
    [InlineData("weight")]
    public void A_module_with_names_that_do_not_fit_is_refused_with_the_pass(string what)
    {
        var culprit = Plant(module => EachBlock(module, "layers.1", block => Misname(block, what)), out var result);
        Assert.Equal(0, culprit.Stage);
        Assert.NotEmpty(result.Stages[0].Problems);
        Assert.Null(culprit.Tensor?.Difference);
    }

    [Fact]
    public void Values_and_blocks_with_other_names_are_found_by_their_place()
    {
        var flip = Faults.Of("canonicalize").First(fault => fault is { Name: "sign flipped", Block: "layers.3" });
        var culprit = Plant(module => RenameAll(flip.Apply(module)), out _);
        Assert.Equal("layers.3", culprit.Block?.Name);
        Assert.Equal("p", culprit.Tensor?.Value);
        Assert.Equal(["layers.3.in_proj.weight"], culprit.Tensor!.Resources);
    }

    [Fact]
    public void A_weight_that_is_no_number_is_named()
    {
        var culprit = Plant(module => Fault.Exchange(module, "layers.4.conv.bias", weight => WeightEdit.Map(weight, values => [float.NaN, .. values[1..]])), out var result);
        Assert.Equal(double.PositiveInfinity, result.Stages[0].FromInput!.Max);
        Assert.Equal("layers.4", culprit.Block?.Name);
        Assert.Equal("conv", culprit.Tensor?.Value);
        Assert.Equal(["layers.4.conv.bias"], culprit.Tensor!.Resources);
        Assert.Equal(0, culprit.Tensor.Difference!.Feature);
    }

    [Fact]
    public void A_fault_at_the_last_level_is_cut_out_of_planes_of_bits()
    {
        var flip = Faults.Of("canonicalize").First(fault => fault is { Name: "sign flipped", Block: "layers.3" });
        using var model = GoldenModels.Import(GoldenModels.Binarized);
        var faulty = new FaultyPass(PassTable.All.Single(pass => pass.Info.Name == "canonicalize"), flip.Apply);
        var culprit = GoldenModels.Bisect(model.Module, GoldenModels.Pipeline("fold-fbi | pack | canonicalize", faulty)).Culprit!;
        Assert.Equal((2, "layers.3", "p"), (culprit.Stage, culprit.Block?.Name, culprit.Tensor?.Value));
        Assert.Equal(["layers.3.in_proj.sign"], culprit.Tensor!.Resources);
        Assert.Equal(Encoding.Sign1, culprit.Reproducer!.Module.Resources["layers.3.in_proj.sign"].Encoding);
        Assert.InRange(culprit.Reproducer.Module.Resources.Values.Sum(resource => resource.Data.ByteLength), 1, 4096);
    }

    [Fact]
    public void A_fault_that_only_whole_tensors_show_is_not_sliced()
    {
        var culprit = Plant(module => Fault.Exchange(module, "layers.3.out_proj.weight", weight => weight.Shape[0] * weight.Shape[1] < 192 * 384 ? weight : WeightEdit.Negate(weight, [(7, 9)])), out var result);
        Assert.Equal(("layers.3", "o"), (culprit.Block?.Name, culprit.Tensor?.Value));
        Assert.Equal(7, culprit.Tensor!.Difference!.Feature);
        Assert.False(culprit.Reproducer!.IsSliced);
        Assert.Contains("only whole tensors show the difference", ReproducerText.Print(result), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pass_that_fails_ends_the_bisection_with_its_error()
    {
        using var model = GoldenModels.Import(GoldenModels.Binarized);
        var bag = new DiagnosticBag();
        var request = new BisectionRequest(model.Module, GoldenModels.Pipeline("rename{map=[[\"nothing\", \"x\"]]}"), [1, 2], 1, new RuntimeOptions(1));
        Assert.Null(new Bisector(request, TestContext.Current.CancellationToken).Run(bag));
        Assert.Single(bag.Items, item => item.Severity == Severity.Error);
    }

    [Fact]
    public void A_model_whose_own_logits_are_no_numbers_is_not_bisected()
    {
        using var model = GoldenModels.Import(GoldenModels.Float);
        var broken = Fault.Exchange(model.Module, "norm_f.weight", weight => WeightEdit.Map(weight, values => [float.NaN, .. values[1..]]));
        var bag = new DiagnosticBag();
        var request = new BisectionRequest(broken, GoldenModels.Pipeline("canonicalize"), [1, 2], 1, new RuntimeOptions(1));
        Assert.Null(new Bisector(request, TestContext.Current.CancellationToken).Run(bag));
        var error = Assert.Single(bag.Items);
        Assert.Equal("BIM2105", error.Id);
        Assert.Contains("norm_f.weight': element [0]: expected a finite number, found NaN", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_ids_of_a_run_without_ids_are_fixed_and_inside_the_vocabulary()
    {
        var ids = BisectionRequest.DefaultIds(50288);
        Assert.Equal(BisectionRequest.DefaultTokens, ids.Distinct().Count());
        Assert.All(ids, id => Assert.InRange(id, 0, 50287));
        Assert.Equal(ids, BisectionRequest.DefaultIds(50288));
        Assert.All(BisectionRequest.DefaultIds(1), id => Assert.Equal(0, id));
    }

    private static Culprit Plant(Func<Module, Module> fault, out BisectionResult result)
    {
        using var model = GoldenModels.Import(GoldenModels.Float);
        var faulty = new FaultyPass(PassTable.All.Single(pass => pass.Info.Name == "untie"), fault);
        result = GoldenModels.Bisect(model.Module, GoldenModels.Pipeline("untie", faulty));
        Assert.NotNull(result.Culprit);
        return result.Culprit;
    }

    private static Module EachBlock(Module module, string name, Func<Block, Block> change) =>
        module with { Blocks = [.. module.Blocks.Select(block => block.Name == name ? change(block) : block)] };

    /// <summary>The block with the name of another, a value that is defined twice, or one that reads or returns what is not there.</summary>
    private static Block Misname(Block block, string what) => what switch
    {
        "block" => block with { Name = "layers.0" },
        "value" => block with { Body = [.. block.Body, block.Body[0]] },
        "operand" => block with { Body = block.Body.SetItem(1, block.Body[1] with { Operands = [block.Body[1].Operands[0] with { Name = "nothing" }, .. block.Body[1].Operands[1..]] }) },
        "return" => block with { Return = "nothing" },
        _ => block with { Body = block.Body.SetItem(1, block.Body[1] with { Operands = [.. block.Body[1].Operands.Select(operand => operand.IsResource ? operand with { Name = "nothing" } : operand)] }) },
    };

    private static Module RenameAll(Module module)
    {
        return module with { Blocks = [.. module.Blocks.Select(RenameBlock)] };

        static Block RenameBlock(Block block) => new(
            "new." + block.Name,
            Rename(block.Parameter),
            [.. block.Body.Select(op => op with { Results = [.. op.Results.Select(Rename)], Operands = [.. op.Operands.Select(operand => operand.IsResource ? operand : operand with { Name = "new_" + operand.Name })] })],
            "new_" + block.Return);

        static Value Rename(Value value) => value with { Name = "new_" + value.Name };
    }
}
