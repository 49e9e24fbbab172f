using System.Numerics.Tensors;
using BiMamba.Diagnostics;
using BiMamba.Kernels;
using BiMamba.Runtime;

namespace BiMamba.Evaluation;

/// <summary>
/// Mean KL divergence of a model from a reference: KL(P || Q) = sum over the vocabulary of p (log p - log q), in nats, with P
/// the softmax of the reference's logits and Q that of the model's, both after the same tokens; at every token of every window.
/// The whole of it is fp64 over fp32 logits, so a model against itself gives exactly 0 and an agreement of 1.
/// </summary>
/// <remarks>A few windows say as much as perplexity does over many: the divergence compares distributions, not one token of each.</remarks>
/// <param name="reference">The logits of the reference, and the windows.</param>
public sealed class KlEvaluator(ReferenceLogits reference)
{
    private readonly WindowPlan plan = reference.Plan;
    private readonly double[] divergences = new double[reference.Plan.LongestWindow];
    private readonly bool[] agreements = new bool[reference.Plan.LongestWindow];
    private float[] logits = [];

    /// <summary>The divergence; null with an error where logits are not finite.</summary>
    /// <param name="other">The model, with the vocabulary rows of the reference.</param>
    /// <param name="diagnostics">Receives the error.</param>
    /// <param name="progress">Is told after every window, or null.</param>
    /// <param name="cancellation">Stops the run.</param>
    public KlResult? Run(ModelRunner other, DiagnosticBag diagnostics, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.VocabularyRows, reference.VocabularyRows);
        logits = new float[checked(Math.Min(other.Options.ChunkTokens, plan.LongestWindow) * other.VocabularyRows)];
        var state = other.NewState();
        var (kl, expected, found) = (new List<double>(plan.Count), new List<ScoredWindow>(plan.Count), new List<ScoredWindow>(plan.Count));
        long agreeing = 0;
        for (var window = 0; window < plan.Count; window++)
        {
            state.Reset();
            var (left, right) = RunWindow(window, other, state, cancellation);
            var length = plan.Window(window).Length;
            var mean = divergences.AsSpan(0, length).ToArray().Sum() / length;
            if (!double.IsFinite(left.Mean) || !double.IsFinite(right.Mean) || !double.IsFinite(mean))
            {
                Evaluator.ReportNotFinite(plan, window, diagnostics, cancellation, reference.Runner, other);
                return null;
            }

            kl.Add(mean);
            expected.Add(left);
            found.Add(right);
            agreeing += agreements.AsSpan(0, length).Count(true);
            progress?.Report(new EvaluationProgress(window + 1, plan.Count, Math.Exp(found.Average(score => score.Mean))));
        }

        return new KlResult(kl, agreeing / plan.Windows.Sum(window => (double)window.Ids.Length), new Perplexity(plan, expected), new Perplexity(plan, found));
    }

    /// <summary>Fills the divergences and agreements of a window; the scores of both models.</summary>
    private (ScoredWindow Reference, ScoredWindow Other) RunWindow(int window, ModelRunner other, ModelState state, CancellationToken cancellation)
    {
        var (left, right) = (new WindowScorer(plan.Windows[window]), new WindowScorer(plan.Windows[window]));
        var (chunk, width, length) = (other.Options.ChunkTokens, other.VocabularyRows, plan.Window(window).Length);
        for (var first = 0; first < length; first += chunk)
        {
            var count = Math.Min(chunk, length - first);
            other.Run(state, plan.Window(window).Slice(first, count), (row, rows) => rows.Values[..(rows.Count * width)].CopyTo(logits.AsSpan(row * width)), null, cancellation);
            var expected = reference.Read(window, first, count, cancellation);
            left.Add(first, new Rows(expected.Span, count, width));
            right.Add(first, new Rows(logits.AsSpan(0, count * width), count, width));
            Compare(first, count, expected, width, other.Options.Threads, cancellation);
        }

        return (left.Result, right.Result);
    }

    /// <summary>Every token has its own place, and they are summed in order: the result does not depend on threads.</summary>
    private void Compare(int first, int count, ReadOnlyMemory<float> expected, int width, int threads, CancellationToken cancellation) => Parallel.For(
        0,
        count,
        new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
        token =>
        {
            var p = expected.Span.Slice(token * width, width);
            ReadOnlySpan<float> q = logits.AsSpan(token * width, width);
            divergences[first + token] = LogSoftmax.Divergence(p, q);
            agreements[first + token] = TensorPrimitives.IndexOfMax(p) == TensorPrimitives.IndexOfMax(q);
        });
}
