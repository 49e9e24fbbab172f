using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Kernels;
using BiMamba.Runtime;

namespace BiMamba.Evaluation;

/// <summary>Measures the perplexity of a model.</summary>
public static class Evaluator
{
    /// <summary>Perplexity by the protocol <see cref="Protocol.Gptq"/>; null where the logits are not finite.</summary>
    public static Perplexity? Run(ModelRunner runner, WindowPlan plan, DiagnosticBag diagnostics, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var state = runner.NewState();
        var windows = new List<double>(plan.Count);
        double sum = 0;
        for (var window = 0; window < plan.Count; window++)
        {
            var score = new WindowScore(plan, window);
            state.Reset();
            runner.Run(state, plan.Window(window), score.Add, cancellation: cancellation);
            if (!double.IsFinite(score.Mean))
            {
                ReportNotFinite(plan, window, diagnostics);
                return null;
            }

            windows.Add(score.Mean);
            sum += score.Mean;
            progress?.Report(new EvaluationProgress(window + 1, plan.Count, Math.Exp(sum / (window + 1))));
        }

        return new Perplexity(Protocol.Gptq.Name, plan.Context, windows, (long)plan.Count * (plan.Context - 1), plan.Corpus);
    }

    /// <summary>Reports a window whose likelihood is not a number.</summary>
    internal static void ReportNotFinite(WindowPlan plan, int window, DiagnosticBag diagnostics) =>
        diagnostics.Add(RuntimeDiagnostics.LogitsNotFinite, $"the likelihood of window {window} is not finite", Place.OfFile(plan.Corpus.Path), "the weights hold NaN or infinity, or overflow");

    /// <summary>Scores the logits of one window as they come.</summary>
    internal sealed class WindowScore(WindowPlan plan, int window)
    {
        private double sum;

        /// <summary>Mean negative log-likelihood of tokens 2 .. context, in nats.</summary>
        public double Mean => sum / (plan.Context - 1);

        /// <summary>Adds a chunk; the last token of the window has no target.</summary>
        public void Add(int firstToken, Rows logits)
        {
            var ids = plan.Window(window);
            for (var t = 0; t < logits.Count && firstToken + t + 1 < ids.Length; t++)
                sum += LogSoftmax.Nll(logits[t], ids[firstToken + t + 1]);
        }
    }
}
