using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation.Tests;

/// <summary>Two models side by side.</summary>
public sealed class ModelComparisonTests
{
    private static readonly float[][] Table = [[1, 0, 0], [0.5f, 1, 0], [0, 0.25f, 2]];

    private static readonly ToyModel Model = new() { Table = Table };

    private static readonly int[] Ids = [0, 1, 2, 0, 0, 2, 1, 1, 0, 2, 2, 1];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(128)]
    public void Identical_models_do_not_differ(int chunk)
    {
        var plan = Corpora.Plan(5, Ids);
        var model = Model with { LooksBack = true };
        var result = Compare(model, model, plan, chunk);
        Assert.Equal(0, result.MaxLogitDifference);
        Assert.Equal(0, result.MeanDivergence);
        Assert.Equal(1, result.TopAgreement);
        Assert.Equal(["embed", "mix", "second", "head"], result.Blocks.Select(block => block.Block));
        Assert.All(result.Blocks, block => Assert.Equal((0, 0), (block.MaxError, block.RelativeError)));
        Assert.Equal(result.Reference.WindowNll, result.Other.WindowNll);
        var alone = Evaluator.Run(model.Runner(), plan, new DiagnosticBag(), null, TestContext.Current.CancellationToken)!;
        Assert.Equal(alone.WindowNll, result.Reference.WindowNll);
        Assert.Equal(alone.Tokens, result.Reference.Tokens);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(192)]
    public void Logits_of_a_chunk_that_come_in_several_parts_are_compared_with_their_own(int chunk)
    {
        var random = new Random(6);
        var plan = Corpora.Plan(230, [.. Enumerable.Range(0, 460).Select(_ => random.Next(3))]);
        var model = Model with { LooksBack = true };
        var (expected, actual) = (Compare(model, model with { Perturbation = 0.25f }, plan, 1), Compare(model, model with { Perturbation = 0.25f }, plan, chunk));
        Assert.Equal(expected.Reference.WindowNll, actual.Reference.WindowNll);
        Assert.Equal(expected.Other.WindowNll, actual.Other.WindowNll);
        Assert.Equal(expected.MeanDivergence, actual.MeanDivergence);
        Assert.Equal(expected.Blocks, actual.Blocks);
        Assert.Equal((0.25, 0.25), (actual.MaxLogitDifference, actual.Blocks[^1].MaxError));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(128)]
    public void A_perturbation_is_seen_in_its_block_and_after_it(int chunk)
    {
        // Window 0 holds token 0 three times in five; its feature becomes 1.25 in the second layer.
        var result = Compare(Model, Model with { Perturbation = 0.25f }, Corpora.Plan(5, Ids), chunk);
        Assert.Equal((0, 0), (result.Blocks[0].MaxError, result.Blocks[0].RelativeError));
        Assert.Equal((0, 0), (result.Blocks[1].MaxError, result.Blocks[1].RelativeError));
        Assert.Equal(0.25, result.Blocks[2].MaxError);
        Assert.Equal(Math.Sqrt(3 * 0.0625 / 5), result.Blocks[2].RelativeError, 1e-12);

        // Logits after token 0 are a column (1, 0.5, 0), times 1.25; all others stay.
        Assert.Equal(0.25, result.Blocks[3].MaxError);
        Assert.Equal(Math.Sqrt(3 * 1.25 * 0.0625 / ((3 * 1.25) + 1.0625 + 4)), result.Blocks[3].RelativeError, 1e-12);
        Assert.Equal(0.25, result.MaxLogitDifference);
        Assert.Equal(1, result.TopAgreement);

        // Token 0 stands at 4 of the 10 positions of both windows.
        float[] before = [1, 0.5f, 0];
        float[] after = [1.25f, 0.625f, 0];
        Assert.Equal(0.4 * LogSoftmax.Divergence(before, after), result.MeanDivergence, 1e-12);
        Assert.InRange(result.MeanDivergence, 1e-4, 1);
    }

    [Fact]
    public void Blocks_are_compared_over_the_first_window()
    {
        // Token 0 stands in the second window only.
        var result = Compare(Model, Model with { Perturbation = 0.25f }, Corpora.Plan(2, 1, 2, 0, 1), 128);
        Assert.All(result.Blocks, block => Assert.Equal(0, block.MaxError));
        Assert.Equal(0.25, result.MaxLogitDifference);
    }

    [Fact]
    public void The_largest_logit_decides_agreement()
    {
        // After token 0 the other model prefers token 2; token 0 stands at 2 of 4 positions.
        var other = Model with { Table = [[1, 0, 0], [0.5f, 1, 0], [3, 0.25f, 2]] };
        var result = Compare(Model, other, Corpora.Plan(4, 0, 1, 2, 0), 128);
        Assert.Equal(0.5, result.TopAgreement);
        Assert.Equal(3, result.MaxLogitDifference);
        Assert.True(result.Other.Nll > result.Reference.Nll);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_likelihood_that_is_not_finite_in_either_is_reported(bool inReference)
    {
        var broken = Model with { Table = [[float.NaN, 0, 0], [0, 0, 0], [0, 0, 0]] };
        var bag = new DiagnosticBag();
        var comparison = new ModelComparison((inReference ? broken : Model).Runner(), (inReference ? Model : broken).Runner(), Corpora.Plan(2, 0, 1));
        Assert.Null(comparison.Run(bag, null, TestContext.Current.CancellationToken));
        Assert.Same(PipelineDiagnostics.NotFinite, Assert.Single(bag.Items).Descriptor);
    }

    private static ComparisonResult Compare(ToyModel reference, ToyModel other, WindowPlan plan, int chunk)
    {
        var bag = new DiagnosticBag();
        var result = new ModelComparison(reference.Runner(chunk), other.Runner(chunk), plan).Run(bag, null, TestContext.Current.CancellationToken);
        Assert.True(result is not null, string.Join('\n', bag.Items));
        return result;
    }
}
