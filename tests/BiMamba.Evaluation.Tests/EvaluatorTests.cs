using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation.Tests;

/// <summary>The protocol gptq on models whose likelihoods are written down.</summary>
public sealed class EvaluatorTests
{
    /// <summary>Logits are fp32, so log 2 itself is off by 1e-8.</summary>
    private const double Bound = 1e-6;

    private static readonly float Log2 = MathF.Log(2);

    /// <summary>After token 0 all four are equally likely; after token 1 they have 1/8, 2/8, 1/8 and 4/8.</summary>
    private static readonly ToyModel Model = new()
    {
        Table = [[0, 0, 0, 0], [0, Log2, 0, 0], [0, 0, 0, 0], [0, 2 * Log2, 0, 0]],
    };

    [Fact]
    public void The_mean_of_the_windows_means_is_scored()
    {
        // 0 -> 1: ln 4, 1 -> 3: ln 2. Next window: 1 -> 1: ln 4, 1 -> 0: ln 8. The tail is not scored.
        var result = Run(Model, Corpora.Plan(3, 0, 1, 3, 1, 1, 0, 3, 3));
        Assert.Equal(2, result.WindowNll.Count);
        Assert.Equal(1.5 * Math.Log(2), result.WindowNll[0], Bound);
        Assert.Equal(2.5 * Math.Log(2), result.WindowNll[1], Bound);
        Assert.Equal(2 * Math.Log(2), result.Nll, Bound);
        Assert.Equal(4, result.Value, 4 * Bound);
        Assert.Equal(4, result.Tokens);
        Assert.Equal(3, result.Context);
        Assert.Equal("gptq", result.Protocol);
        Assert.Null(result.BitsPerByte);
    }

    [Fact]
    public void The_first_token_of_a_window_is_not_scored()
    {
        // Were 1 -> 0 scored across the border, ln 8 would show.
        var result = Run(Model, Corpora.Plan(2, 0, 1, 0, 1));
        Assert.Equal([Math.Log(4), Math.Log(4)], result.WindowNll, (a, b) => Math.Abs(a - b) < Bound);
    }

    [Fact]
    public void Every_window_starts_with_an_empty_state()
    {
        // A token sees the one before it and the first sees nothing, so the second costs ln 4 and the third follows the
        // first: 1 -> 1 costs ln 4, 1 -> 0 ln 8. A state that lives on would show the last 1 to the second window, where
        // token 3 would then cost ln 2.
        var result = Run(Model with { LooksBack = true }, Corpora.Plan(3, 1, 1, 1, 1, 3, 0));
        Assert.Equal([2 * Math.Log(2), 2.5 * Math.Log(2)], result.WindowNll, (a, b) => Math.Abs(a - b) < Bound);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(128)]
    public void Chunks_do_not_change_a_bit(int chunk)
    {
        var random = new Random(3);
        var plan = Corpora.Plan(17, [.. Enumerable.Range(0, 60).Select(_ => random.Next(4))]);
        var model = Model with { LooksBack = true };
        Assert.Equal(Run(model, plan).WindowNll, Run(model, plan, chunk).WindowNll);
    }

    [Fact]
    public void Batches_do_not_change_a_bit()
    {
        var random = new Random(5);
        var plan = Corpora.Plan(17, [.. Enumerable.Range(0, 11 * 17).Select(_ => random.Next(4))]);
        var model = Model with { LooksBack = true };
        var expected = Run(model, plan, batch: 1).WindowNll;
        Assert.InRange(expected.Distinct().Count(), 6, 11);
        Assert.Equal(expected, Run(model, plan).WindowNll);
        foreach (var chunk in (int[])[1, 5, 64])
        {
            foreach (var batch in (int[])[2, 3, 8, 11, 100])
                Assert.Equal(expected, Run(model, plan, chunk, batch).WindowNll);
        }
    }

    [Fact]
    public void Progress_counts_windows()
    {
        var seen = new List<EvaluationProgress>();
        Evaluator.Run(Model.Runner(), Corpora.Plan(2, 0, 1, 1, 0), new DiagnosticBag(), new Collector(seen), TestContext.Current.CancellationToken, batch: 1);
        Assert.Equal([(1, 2), (2, 2)], seen.Select(p => (p.Windows, p.Total)));
        Assert.Equal(4, seen[0].Perplexity, 4 * Bound);
        Assert.Equal(Math.Exp(2.5 * Math.Log(2)), seen[1].Perplexity, 6 * Bound);
    }

    [Fact]
    public void Progress_is_told_after_every_batch()
    {
        var seen = new List<EvaluationProgress>();
        Evaluator.Run(Model.Runner(), Corpora.Plan(2, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1), new DiagnosticBag(), new Collector(seen), TestContext.Current.CancellationToken, batch: 2);
        Assert.Equal([(2, 5), (4, 5), (5, 5)], seen.Select(p => (p.Windows, p.Total)));
    }

    [Fact]
    public void A_run_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Evaluator.Run(Model.Runner(), Corpora.Plan(2, 0, 1), new DiagnosticBag(), null, source.Token));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_likelihood_that_is_not_finite_is_reported(float value)
    {
        // One-hot features multiply the value by 0 for other tokens, which makes their logit NaN: token 2 is impossible
        // or undefined everywhere.
        var model = Model with { Table = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, value, 0], [0, 0, 0, 0]] };
        var bag = new DiagnosticBag();
        Assert.Null(Evaluator.Run(model.Runner(), Corpora.Plan(2, 2, 2), bag, null, TestContext.Current.CancellationToken));
        var error = Assert.Single(bag.Items);
        Assert.Same(PipelineDiagnostics.NotFinite, error.Descriptor);
        Assert.Equal("BIM2105", error.Id);
        Assert.Equal(4, (int)bag.ExitCode);
        Assert.StartsWith("element [2,2]: expected a finite number, found ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_window_that_is_not_finite_is_reported()
    {
        // Weights are finite, and the logit of token 3 after token 0 is twice what fp32 holds.
        var model = Model with { Table = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [2, 0, 0, 0]], Perturbation = 3e38f };
        foreach (var batch in (int?[])[1, 2, null])
        {
            var bag = new DiagnosticBag();
            Assert.Null(Evaluator.Run(model.Runner(), Corpora.Plan(2, 1, 1, 1, 0, 0, 0), bag, null, TestContext.Current.CancellationToken, batch));
            var error = Assert.Single(bag.Items);
            Assert.Same(RuntimeDiagnostics.LogitsNotFinite, error.Descriptor);
            Assert.Equal("the likelihood of window 2 is not finite: the first number that is none is in %y of block @head, token 0, column 3", error.Message);
        }
    }

    [Fact]
    public void Bits_per_byte_of_a_byte_model_are_the_logarithm_of_its_perplexity()
    {
        var corpus = new Corpus("text", "", 6, [0, 1, 3, 1, 1, 0], "bytes", null);
        var result = Run(Model, WindowPlan.Create(corpus, 3, null, new DiagnosticBag())!);
        Assert.Equal(Math.Log2(result.Value), result.BitsPerByte!.Value, 1e-12);
        Assert.Equal(2, result.BitsPerByte.Value, Bound);
    }

    [Fact]
    public void Bits_per_byte_count_the_bytes_of_a_token()
    {
        var corpus = new Corpus("text", "", 24, [0, 1, 3, 1, 1, 0], "byte-level-bpe", "hash");
        Assert.Equal(0.25, corpus.TokensPerByte);
        var result = Run(Model, WindowPlan.Create(corpus, 3, null, new DiagnosticBag())!);
        Assert.Equal(0.5, result.BitsPerByte!.Value, Bound);
    }

    [Fact]
    public void An_empty_text_has_no_ratio() =>
        Assert.Null(new Corpus("text", "", 0, [], "bytes", null).TokensPerByte);

    private static Perplexity Run(ToyModel model, WindowPlan plan, int chunk = 128, int? batch = null)
    {
        var bag = new DiagnosticBag();
        var result = Evaluator.Run(model.Runner(chunk), plan, bag, null, TestContext.Current.CancellationToken, batch);
        Assert.True(result is not null, string.Join('\n', bag.Items));
        return result;
    }

    private sealed class Collector(List<EvaluationProgress> seen) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => seen.Add(value);
    }
}
