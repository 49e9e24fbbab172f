using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Kernels;
using BiMamba.Runtime;

namespace BiMamba.Evaluation;

/// <summary>
/// The statistics of llama.cpp's --kl-divergence (protocol <see cref="Protocol.LlamaCppKl"/>), over the second half of every
/// window. The reference's log-probabilities are rounded as llama.cpp stores them: to 65,536 steps from the largest one down
/// to 16 nats below. Sums are fp64 and in the order of tokens.
/// </summary>
public sealed class LlamaCppKl
{
    /// <summary>llama.cpp gives no statistics of fewer tokens.</summary>
    public const int LeastTokens = 100;

    private readonly ReferenceLogits reference;
    private readonly WindowPlan plan;
    private readonly TokenComparison[] tokens;
    private float[] logits = [];

    /// <summary>The statistics against a reference.</summary>
    /// <param name="reference">Its logits, and the windows.</param>
    public LlamaCppKl(ReferenceLogits reference)
    {
        (this.reference, plan) = (reference, reference.Plan);
        tokens = new TokenComparison[plan.ScoredTokens];
    }

    /// <summary>The statistics; null with an error where logits are not finite or tokens too few.</summary>
    /// <param name="other">The model, with the vocabulary rows of the reference.</param>
    /// <param name="diagnostics">Receives the error.</param>
    /// <param name="progress">Is told after every window, or null.</param>
    /// <param name="cancellation">Stops the run.</param>
    public LlamaCppKlResult? Run(ModelRunner other, DiagnosticBag diagnostics, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.VocabularyRows, reference.VocabularyRows);
        if (tokens.Length < LeastTokens)
        {
            diagnostics.Add(RuntimeDiagnostics.TooFewTokens, $"expected at least {LeastTokens} scored tokens, found {tokens.Length}", Place.OfFile(plan.Corpus.Path), "pass a longer text, or more windows");
            return null;
        }

        logits = new float[checked(Math.Min(other.Options.ChunkTokens, plan.LongestWindow) * other.VocabularyRows)];
        var state = other.NewState();
        var (done, sum) = (0, 0.0);
        for (var window = 0; window < plan.Count; window++)
        {
            state.Reset();
            RunWindow(window, done, other, state, cancellation);
            for (var i = 0; i < plan.Windows[window].ScoredTokens; i++, done++)
            {
                sum += tokens[done].Nll;
                if (double.IsFinite(tokens[done].Nll + tokens[done].ReferenceNll + tokens[done].Kl))
                    continue;
                Evaluator.ReportNotFinite(plan, window, diagnostics, cancellation, reference.Runner, other);
                return null;
            }

            progress?.Report(new EvaluationProgress(window + 1, plan.Count, Math.Exp(sum / done)));
        }

        return LlamaCppKlResult.Of(plan, tokens);
    }

    private void RunWindow(int window, int firstResult, ModelRunner other, ModelState state, CancellationToken cancellation)
    {
        var (chunk, width, ids) = (other.Options.ChunkTokens, other.VocabularyRows, plan.Windows[window]);
        for (var first = 0; first < ids.Ids.Length; first += chunk)
        {
            var count = Math.Min(chunk, ids.Ids.Length - first);
            other.Run(state, plan.Window(window).Slice(first, count), (row, rows) => rows.Values[..(rows.Count * width)].CopyTo(logits.AsSpan(row * width)), null, cancellation);
            var expected = reference.Read(window, first, count, cancellation);
            var (from, to) = (Math.Max(first, ids.FirstScored), Math.Min(first + count, ids.Ids.Length - 1));
            Parallel.For(from, Math.Max(from, to), new ParallelOptions { MaxDegreeOfParallelism = other.Options.Threads, CancellationToken = cancellation }, token =>
            {
                var row = token - first;
                tokens[firstResult + token - ids.FirstScored] = TokenComparison.Of(expected.Span.Slice(row * width, width), logits.AsSpan(row * width, width), ids.Ids.Span[token + 1]);
            });
        }
    }
}
