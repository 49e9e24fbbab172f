using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Pipeline;
using BiMamba.Runtime;

namespace BiMamba.Evaluation;

/// <summary>Measures what a low precision of each part of a model costs alone: everything else stays in full precision.</summary>
/// <param name="module">The model in full precision.</param>
/// <param name="plan">The windows over which it is compared with itself.</param>
/// <param name="runtime">How models are run.</param>
/// <param name="limit">Most bytes of reference logits to keep.</param>
public sealed class Sensitivity(Module module, WindowPlan plan, RuntimeOptions runtime, long limit = ReferenceLogits.DefaultLimit)
{
    private readonly KlEvaluator evaluator = new(new ReferenceLogits(new ModelRunner(module, runtime), plan, limit));

    /// <summary>The results in the order of the candidates; null where the bag got an error.</summary>
    /// <param name="candidates">What is measured; their pipelines take the level of the module.</param>
    /// <param name="calibration">Data for passes that need some, or null.</param>
    /// <param name="diagnostics">Receives what passes say: errors at once, everything else once.</param>
    /// <param name="progress">Is told after every window, or null.</param>
    /// <param name="cancellation">Stops the work.</param>
    public IReadOnlyList<SensitivityResult>? Run(
        IReadOnlyList<SensitivityCandidate> candidates, ICalibration? calibration, DiagnosticBag diagnostics, IProgress<SensitivityProgress>? progress, CancellationToken cancellation)
    {
        var results = new List<SensitivityResult>(candidates.Count);
        foreach (var candidate in candidates)
        {
            var done = results.Count * plan.Count;
            var windows = progress is null ? null : new Forward(p => progress.Report(new SensitivityProgress(candidate, done + p.Windows, candidates.Count * plan.Count)));
            if (Rewrite(candidate, calibration, diagnostics, cancellation) is not { } quantized
                || evaluator.Run(new ModelRunner(quantized, runtime), diagnostics, windows, cancellation) is not { } kl)
            {
                return null;
            }

            // What is not of the part is stored as it was, so that the difference of the whole is that of the part.
            results.Add(new SensitivityResult(candidate, candidate.Part.Bytes - (Bytes(module) - Bytes(quantized)), kl));
        }

        return results;
    }

    private Module? Rewrite(SensitivityCandidate candidate, ICalibration? calibration, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var bag = new DiagnosticBag();
        var result = PassManager.Run(module, candidate.Pipeline, new PassContext(bag, runtime.Threads, cancellation) { Calibration = calibration });
        foreach (var item in bag.Items.Where(item => !diagnostics.Items.Contains(item)))
            diagnostics.Add(item);
        return result;
    }

    private static long Bytes(Module module) => module.Resources.Values.Sum(resource => resource.Data.ByteLength);

    private sealed class Forward(Action<EvaluationProgress> report) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => report(value);
    }
}
