using BiMamba.Bisection.Planting;
using BiMamba.Diagnostics;
using BiMamba.Frontend.Text;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Testing;

namespace BiMamba.Bisection;

/// <summary>Faults in models that the repository does not hold: larger ones, Mamba-1, and an untied head.</summary>
public class OtherModelTests
{
    /// <summary>A reproducer of one layer is a few kilobytes, however wide the model is.</summary>
    private const long FewBytes = 6 << 10;

    [Theory]
    [InlineData("pack", "layers.3.in_proj.sign", "p")]
    [InlineData("pack", "layers.0.out_proj.sign", "o")]
    [InlineData("fold-fbi", "layers.5.out_proj.sign", "o")]
    public void A_flipped_sign_of_a_wide_model_is_shown_in_a_few_kilobytes(string pass, string weight, string value)
    {
        var (culprit, bytes) = Bisect("models/small-bimamba", "fold-fbi | pack", pass, module => FlipMiddle(module, weight));
        CheckNamed(culprit, pass, weight, value);
        Assert.True(culprit!.Reproducer!.IsSliced);
        Assert.InRange(bytes, 1, FewBytes);
    }

    [Theory]
    [InlineData("layers.1.in_proj.weight", "p")]
    [InlineData("layers.0.x_proj.weight", "q")]
    [InlineData("layers.0.dt_proj.weight", "delta")]
    [InlineData("layers.1.out_proj.weight", "o")]
    public void A_flipped_sign_of_a_Mamba1_model_is_named(string weight, string value) =>
        CheckMamba1(weight, value, module => FlipMiddle(module, weight));

    [Theory]
    [InlineData("layers.1.norm.weight", "n")]
    [InlineData("layers.1.conv.bias", "conv")]
    [InlineData("layers.0.a_log", "y")]
    [InlineData("layers.1.dt_proj.bias", "y")]
    [InlineData("layers.0.d", "y")]
    public void A_vector_of_a_Mamba1_model_that_is_off_is_named(string weight, string value) =>
        CheckMamba1(weight, value, module => Spoil(module, weight, old => WeightEdit.Map(old, values => [.. values.Select(number => number + 0.25f)])));

    [Theory]
    [InlineData("embedding.weight", "lm_head.weight", "head", "logits")]
    [InlineData("lm_head.weight", "embedding.weight", "embed", "r")]
    public void Two_weights_tied_that_are_not_equal_are_named(string kept, string lost, string block, string value)
    {
        var (culprit, _) = Bisect("oracles/models/hf-mamba2-groups2-untied", "canonicalize | tie-weights", "tie-weights", module => Tie(module, kept, lost));
        Assert.Equal((1, block, value), (culprit?.Stage, culprit?.Block?.Name, culprit?.Tensor?.Value));
        Assert.True(culprit!.Block!.IsAlone);
        Assert.Equal([kept], culprit.Tensor!.Resources);
    }

    private static void CheckMamba1(string weight, string value, Func<Module, Module> fault)
    {
        foreach (var folder in (string[])["hf-mamba1", "hf-falcon-mamba"])
        {
            var (culprit, bytes) = Bisect("oracles/models/" + folder, "canonicalize | cast{dtype=f32}", "canonicalize", fault);
            CheckNamed(culprit, "canonicalize", weight, value);
            Assert.InRange(bytes, 1, FewBytes);
        }
    }

    private static void CheckNamed(Culprit? culprit, string pass, string weight, string value)
    {
        Assert.NotNull(culprit);
        Assert.Equal(pass == "pack" ? 1 : 0, culprit.Stage);
        Assert.True(culprit.IsSudden && culprit.Block!.IsAlone);
        Assert.Equal((string.Join('.', weight.Split('.')[..2]), value), (culprit.Block.Name, culprit.Tensor?.Value));
        Assert.Equal(weight, culprit.Tensor!.Resources[0]);
    }

    /// <summary>What is found, and the bytes of the reproducer's two files, 0 where there is none.</summary>
    private static (Culprit? Culprit, long Bytes) Bisect(string folder, string pipeline, string pass, Func<Module, Module> fault)
    {
        using var model = GoldenModels.ImportFrom(Repository.RequireShared(folder.Split('/')));
        var faulty = new FaultyPass(PassTable.All.Single(candidate => candidate.Info.Name == pass), fault);
        var result = GoldenModels.Bisect(model.Module, GoldenModels.Pipeline(pipeline, faulty));
        return (result.Culprit, result.Culprit?.Reproducer is null ? 0 : FileBytes(result));
    }

    private static long FileBytes(BisectionResult result)
    {
        using var folder = new TemporaryFolder();
        var bag = new DiagnosticBag();
        var path = folder["repro.bmir"];
        Assert.True(IrFiles.Write(path, ReproducerText.Print(result)!, result.Culprit!.Reproducer!.Module, false, bag, TestContext.Current.CancellationToken), string.Join('\n', bag.Items));
        return new FileInfo(path).Length + new FileInfo(IrFiles.WeightsPath(path)).Length;
    }

    private static Module FlipMiddle(Module module, string name) => Spoil(module, name, weight => WeightEdit.Negate(weight, [(weight.Shape[0] / 2, weight.Shape[1] / 2)]));

    private static Module Spoil(Module module, string name, Func<Resource, Resource> change) =>
        module.Resources.ContainsKey(name) ? Fault.Exchange(module, name, change) : module;

    /// <summary>All ops that read one weight read another in its place.</summary>
    private static Module Tie(Module module, string kept, string lost)
    {
        return module.Resources.ContainsKey(kept)
            ? (module with { Blocks = [.. module.Blocks.Select(block => block with { Body = [.. block.Body.Select(Exchange)] })] }).WithoutUnusedResources()
            : module;

        Op Exchange(Op op) => op with { Operands = [.. op.Operands.Select(operand => operand.IsResource && operand.Name == lost ? operand with { Name = kept } : operand)] };
    }
}
