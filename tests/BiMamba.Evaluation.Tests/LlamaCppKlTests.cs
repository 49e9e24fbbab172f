using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation.Tests;

/// <summary>The statistics of llamacpp-kl on models whose distributions are written down.</summary>
public sealed class LlamaCppKlTests
{
    private const int Tokens = 4;

    private static readonly int[] Ids = MakeIds(4 * 60);

    [Fact]
    public void A_model_against_itself_is_the_same()
    {
        var model = Model(1);
        var result = Run(model, model);
        Assert.Equal(4 * 29, result.Tokens);
        Assert.Equal(1, result.SameTop.Value);
        // The reference is rounded to 1/65536 of its range.
        Assert.Equal(1, result.Ratio.Value, 1e-4);
        Assert.Equal(1, result.Correlation!.Value, 1e-4);
        // Half a step of logits that are at most 4 apart.
        Assert.InRange(result.Kl.Value, -2.0 / 65_535, 2.0 / 65_535);
        Assert.InRange(result.ProbabilityDifference.Value, -1e-4, 1e-4);
    }

    [Fact]
    public void Means_and_errors_are_those_of_the_distributions()
    {
        var (reference, other) = (Model(1), Model(2));
        var result = Run(reference, other);
        var plan = Plan();
        List<double> nll = [], nllReference = [], kl = [], difference = [];
        var same = 0;
        foreach (var window in plan.Windows)
        {
            for (var t = window.FirstScored; t + 1 < window.Ids.Length; t++)
            {
                var (p, q) = (Distribution(reference, window.Ids.Span[t]), Distribution(other, window.Ids.Span[t]));
                var target = window.Ids.Span[t + 1];
                nll.Add(-Math.Log(q[target]));
                nllReference.Add(-Math.Log(p[target]));
                kl.Add(p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum());
                difference.Add(q[target] - p[target]);
                same += Array.IndexOf(p, p.Max()) == Array.IndexOf(q, q.Max()) ? 1 : 0;
            }
        }

        const double Bound = 2e-4;
        Assert.Equal(Math.Exp(nll.Average()), result.Perplexity.Value, Bound);
        Assert.Equal(Math.Exp(nll.Average()) * Error(nll), result.Perplexity.StandardError, Bound);
        Assert.Equal(Math.Exp(nllReference.Average()), result.ReferencePerplexity.Value, Bound);
        // The error of a difference of paired values is that of their differences.
        Assert.Equal(Error([.. nll.Zip(nllReference, (a, b) => a - b)]), result.LogRatio.StandardError, Bound);
        Assert.Equal(Math.Exp(nll.Average() - nllReference.Average()), result.Ratio.Value, Bound);
        Assert.Equal(Correlation(nll, nllReference), result.Correlation!.Value, 1e-3);
        Assert.Equal(kl.Average(), result.Kl.Value, Bound);
        Assert.Equal(Error(kl), result.Kl.StandardError, Bound);
        Assert.Equal(kl.Max(), result.KlQuantiles[0].Value, Bound);
        Assert.Equal(kl.Min(), result.KlQuantiles[^1].Value, Bound);
        var sorted = kl.Order().ToList();
        Assert.Equal((sorted[57] + sorted[58]) / 2, result.KlQuantiles.Single(q => q.Share == 0.5).Value, Bound);
        Assert.Equal(difference.Average(), result.ProbabilityDifference.Value, Bound);
        Assert.Equal(Math.Sqrt(difference.Average(d => d * d)), result.RootMeanSquareDifference.Value, Bound);
        Assert.Equal((double)same / nll.Count, result.SameTop.Value);
        Assert.InRange(result.SameTop.Value, 0.01, 0.99);
    }

    [Fact]
    public void Chunks_change_nothing() =>
        Assert.Equal(Run(Model(1), Model(2)).Kl, Run(Model(1), Model(2), 7).Kl);

    [Fact]
    public void Few_tokens_have_no_statistics()
    {
        var plan = WindowPlanner.Create(Protocol.LlamaCppKl, Corpora.OfIds(Ids), 60, 3, new DiagnosticBag())!;
        var bag = new DiagnosticBag();
        var runner = Model(1).Runner();
        Assert.Null(new LlamaCppKl(new ReferenceLogits(runner, plan)).Run(Model(1).Runner(), bag, null, TestContext.Current.CancellationToken));
        Assert.Same(RuntimeDiagnostics.TooFewTokens, Assert.Single(bag.Items).Descriptor);
    }

    [Fact]
    public void Logits_that_are_no_numbers_are_reported()
    {
        var broken = Model(1) with { Table = [[float.NaN, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]] };
        var bag = new DiagnosticBag();
        Assert.Null(new LlamaCppKl(new ReferenceLogits(Model(1).Runner(), Plan())).Run(broken.Runner(), bag, null, TestContext.Current.CancellationToken));
        Assert.Same(PipelineDiagnostics.NotFinite, Assert.Single(bag.Items).Descriptor);
    }

    private static WindowPlan Plan() => WindowPlanner.Create(Protocol.LlamaCppKl, Corpora.OfIds(Ids), 60, null, new DiagnosticBag())!;

    private static LlamaCppKlResult Run(ToyModel reference, ToyModel other, int chunk = 128) =>
        new LlamaCppKl(new ReferenceLogits(reference.Runner(chunk), Plan())).Run(other.Runner(chunk), new DiagnosticBag(), null, TestContext.Current.CancellationToken)!;

    private static ToyModel Model(int seed)
    {
        var random = new Random(seed);
        return new ToyModel { Table = [.. Enumerable.Range(0, Tokens).Select(_ => Enumerable.Range(0, Tokens).Select(_ => (random.NextSingle() * 4) - 2).ToArray())] };
    }

    private static double[] Distribution(ToyModel model, int token)
    {
        var weights = model.Table.Select(row => Math.Exp(row[token])).ToArray();
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    private static double Error(List<double> values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) / (values.Count - 1));
    }

    private static double Correlation(List<double> a, List<double> b)
    {
        var (ma, mb) = (a.Average(), b.Average());
        return a.Zip(b, (x, y) => (x - ma) * (y - mb)).Sum() / Math.Sqrt(a.Sum(x => (x - ma) * (x - ma)) * b.Sum(y => (y - mb) * (y - mb)));
    }

    private static int[] MakeIds(int count)
    {
        var random = new Random(9);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(Tokens))];
    }
}
