using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Kernels;
using BiMamba.Runtime;

namespace BiMamba.Evaluation;

/// <summary>Measures the perplexity of a model.</summary>
public static class Evaluator
{
    /// <summary>Windows side by side where no number is given, as far as memory allows.</summary>
    public const int DefaultBatch = 8;

    // States of so many bytes: more windows side by side do not make up for what they push out of caches.
    private const long StateBytes = 256L << 20;

    /// <summary>Perplexity by the protocol of the plan; null where the logits are not finite.</summary>
    /// <param name="runner">The model.</param>
    /// <param name="plan">The windows.</param>
    /// <param name="diagnostics">Receives the error.</param>
    /// <param name="progress">Is told after every batch, or null.</param>
    /// <param name="batch">
    /// Windows that run side by side, or null for up to <see cref="DefaultBatch"/> whose states stay under 256 MiB
    /// together. The result does not depend on it.
    /// </param>
    /// <param name="cancellation">Stops the run.</param>
    public static Perplexity? Run(
        ModelRunner runner, WindowPlan plan, DiagnosticBag diagnostics, IProgress<EvaluationProgress>? progress, CancellationToken cancellation, int? batch = null)
    {
        var states = States(runner, plan, batch);
        var windows = new List<ScoredWindow>(plan.Count);
        for (var first = 0; first < plan.Count; first += states.Length)
        {
            var scores = RunBatch(runner, plan, first, states, cancellation);
            foreach (var score in scores)
            {
                if (!double.IsFinite(score.Mean))
                {
                    ReportNotFinite(plan, windows.Count, diagnostics, cancellation, runner);
                    return null;
                }

                windows.Add(score.Result);
            }

            progress?.Report(new EvaluationProgress(windows.Count, plan.Count, Math.Exp(windows.Average(window => window.Mean))));
        }

        return new Perplexity(plan, windows);
    }

    /// <summary>Reports a window whose likelihood is not a number, and what of the models is the cause.</summary>
    /// <param name="plan">The windows.</param>
    /// <param name="window">The window.</param>
    /// <param name="diagnostics">Receives an error.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <param name="runners">The models that it may be of; the first that has a cause is named.</param>
    internal static void ReportNotFinite(WindowPlan plan, int window, DiagnosticBag diagnostics, CancellationToken cancellation, params ReadOnlySpan<ModelRunner> runners)
    {
        var ids = plan.Window(window);
        foreach (var runner in runners)
        {
            if (NotFiniteOrigin.Report(runner, ids, $"the likelihood of window {window} is not finite", Place.OfFile(plan.Corpus.Path), diagnostics, cancellation))
                return;
        }

        diagnostics.Add(RuntimeDiagnostics.LogitsNotFinite, $"the likelihood of window {window} is not finite", Place.OfFile(plan.Corpus.Path));
    }

    private static ModelState[] States(ModelRunner runner, WindowPlan plan, int? batch)
    {
        var first = runner.NewState();
        var count = batch ?? (int)Math.Clamp(StateBytes / Math.Max(1, first.ByteLength), 1, DefaultBatch);
        return [first, .. Enumerable.Range(1, Math.Min(count, plan.Count) - 1).Select(_ => runner.NewState())];
    }

    /// <summary>The scores of the next windows, as many as there are states and windows left.</summary>
    private static WindowScorer[] RunBatch(ModelRunner runner, WindowPlan plan, int first, ModelState[] states, CancellationToken cancellation)
    {
        var scores = new WindowScorer[Math.Min(states.Length, plan.Count - first)];
        var batch = new Sequence[scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            states[i].Reset();
            scores[i] = new WindowScorer(plan.Windows[first + i]);
            batch[i] = new Sequence(states[i], plan.Memory(first + i));
        }

        runner.Run(batch, (sequence, token, logits) => scores[sequence].Add(token, logits), cancellation);
        return scores;
    }
}
