using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation.Tests;

/// <summary>The divergence of one model from another over windows.</summary>
public sealed class KlEvaluatorTests
{
    private static readonly ToyModel Model = new() { Table = [[1, 0, 0], [0.5f, 1, 0], [0, 0.25f, 2]] };

    private static readonly int[] Ids = [0, 1, 2, 0, 0, 2, 1, 1, 0, 2, 2, 1];

    public static TheoryData<long, int> Ways => new() { { ReferenceLogits.DefaultLimit, 128 }, { ReferenceLogits.DefaultLimit, 2 }, { 0, 128 }, { 0, 2 }, { 0, 1 } };

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_model_does_not_diverge_from_itself(long limit, int chunk)
    {
        var model = Model with { LooksBack = true };
        var plan = Corpora.Plan(5, Ids);
        var result = Run(model, model, plan, limit, chunk);
        Assert.Equal([0, 0], result.WindowKl);
        Assert.Equal(0, result.Mean);
        Assert.Equal(0, result.StandardError);
        Assert.Equal(1, result.TopAgreement);
        Assert.Equal(1, result.PerplexityRatio);
        var alone = Evaluator.Run(model.Runner(), plan, new DiagnosticBag(), null, TestContext.Current.CancellationToken)!;
        Assert.Equal(alone.WindowNll, result.Reference.WindowNll);
        Assert.Equal(alone.WindowNll, result.Other.WindowNll);
        Assert.Equal(alone.Tokens, result.Reference.Tokens);
    }

    /// <summary>After token 0 the logits are (1, 0.5, 0) in the reference and (1.25, 0.625, 0) in the other; nothing else differs.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public void The_divergence_is_that_of_the_formula(long limit, int chunk)
    {
        double[] p = [Math.Exp(1), Math.Exp(0.5), 1];
        double[] q = [Math.Exp(1.25), Math.Exp(0.625), 1];
        var token = p.Zip(q, (a, b) => a / p.Sum() * Math.Log(a / p.Sum() / (b / q.Sum()))).Sum();
        Assert.InRange(token, 1e-3, 1);

        // Token 0 stands at 3 of the 5 places of the first window and at 1 of the second.
        var result = Run(Model, Model with { Perturbation = 0.25f }, Corpora.Plan(5, Ids), limit, chunk);
        Assert.Equal(0.6 * token, result.WindowKl[0], 1e-12);
        Assert.Equal(0.2 * token, result.WindowKl[1], 1e-12);
        Assert.Equal(0.4 * token, result.Mean, 1e-12);

        // The means of two windows are 0.4 of it apart: their deviation is that over the root of 2, its error over the root of 2 again.
        Assert.Equal(0.2 * token, result.StandardError!.Value, 1e-12);
        Assert.Equal(1, result.TopAgreement);
    }

    [Fact]
    public void The_reference_is_the_distribution_that_weighs()
    {
        var other = Model with { Perturbation = 3 };
        var plan = Corpora.Plan(5, Ids);
        float[] before = [1, 0.5f, 0];
        float[] after = [4, 2, 0];
        Assert.Equal(0.4 * LogSoftmax.Divergence(before, after), Run(Model, other, plan).Mean, 1e-12);
        Assert.Equal(0.4 * LogSoftmax.Divergence(after, before), Run(other, Model, plan).Mean, 1e-12);
        Assert.NotEqual(Run(Model, other, plan).Mean, Run(other, Model, plan).Mean);
    }

    [Fact]
    public void It_is_the_divergence_of_a_comparison()
    {
        var random = new Random(8);
        var plan = Corpora.Plan(230, [.. Enumerable.Range(0, 690).Select(_ => random.Next(3))]);
        var (left, right) = (Model with { LooksBack = true }, Model with { LooksBack = true, Perturbation = 0.5f });
        var expected = new ModelComparison(left.Runner(60), right.Runner(60), plan).Run(new DiagnosticBag(), null, TestContext.Current.CancellationToken)!;
        var found = Run(left, right, plan, 0, 60);
        Assert.Equal(expected.MeanDivergence, found.Mean, 1e-14);
        Assert.Equal(expected.TopAgreement, found.TopAgreement);
        Assert.Equal(expected.Other.WindowNll, found.Other.WindowNll);
        Assert.Equal(Math.Exp(expected.Other.Nll) / Math.Exp(expected.Reference.Nll), found.PerplexityRatio, 1e-12);
        var kept = Run(left, right, plan, ReferenceLogits.DefaultLimit, 192);
        Assert.Equal(found.WindowKl, kept.WindowKl);
    }

    [Fact]
    public void The_largest_logit_decides_agreement_and_one_window_has_no_error()
    {
        // After token 0 the other model prefers token 2; token 0 stands at 2 of 4 places.
        var result = Run(Model, Model with { Table = [[1, 0, 0], [0.5f, 1, 0], [3, 0.25f, 2]] }, Corpora.Plan(4, 0, 1, 2, 0));
        Assert.Equal(0.5, result.TopAgreement);
        Assert.Null(result.StandardError);
    }

    [Fact]
    public void What_fits_the_limit_is_computed_once()
    {
        var plan = Corpora.Plan(5, Ids);
        var bytes = 2L * 5 * 3 * sizeof(float);
        Assert.True(new ReferenceLogits(Model.Runner(), plan, bytes).IsKept);
        Assert.False(new ReferenceLogits(Model.Runner(), plan, bytes - 1).IsKept);
    }

    [Fact]
    public void A_reference_that_is_not_kept_is_read_in_order()
    {
        var logits = new ReferenceLogits(Model.Runner(), Corpora.Plan(5, Ids), 0);
        logits.Read(0, 0, 2, TestContext.Current.CancellationToken);
        Assert.Throws<InvalidOperationException>(() => logits.Read(0, 3, 1, TestContext.Current.CancellationToken));
        Assert.Throws<InvalidOperationException>(() => logits.Read(1, 2, 1, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Logits_that_are_not_finite_in_either_are_reported(bool inReference)
    {
        var broken = Model with { Table = [[float.NaN, 0, 0], [0, 0, 0], [0, 0, 0]] };
        var bag = new DiagnosticBag();
        var reference = new ReferenceLogits((inReference ? broken : Model).Runner(), Corpora.Plan(2, 0, 1));
        Assert.Null(new KlEvaluator(reference).Run((inReference ? Model : broken).Runner(), bag, null, TestContext.Current.CancellationToken));
        Assert.Same(PipelineDiagnostics.NotFinite, Assert.Single(bag.Items).Descriptor);
    }

    [Fact]
    public void Another_vocabulary_is_a_bug() => Assert.Throws<ArgumentOutOfRangeException>(() =>
        new KlEvaluator(new ReferenceLogits(Model.Runner(), Corpora.Plan(2, 0, 1))).Run(new ToyModel { Table = [[0, 0], [0, 0]] }.Runner(), new DiagnosticBag(), null, TestContext.Current.CancellationToken));

    private static KlResult Run(ToyModel reference, ToyModel other, WindowPlan plan, long limit = ReferenceLogits.DefaultLimit, int chunk = 128)
    {
        var bag = new DiagnosticBag();
        var evaluator = new KlEvaluator(new ReferenceLogits(reference.Runner(chunk), plan, limit));
        var first = evaluator.Run(other.Runner(chunk), bag, null, TestContext.Current.CancellationToken);
        Assert.True(first is not null, string.Join('\n', bag.Items));

        // What is kept gives the same a second time.
        var second = evaluator.Run(other.Runner(chunk), bag, null, TestContext.Current.CancellationToken)!;
        Assert.Equal(first.WindowKl, second.WindowKl);
        return first;
    }
}
