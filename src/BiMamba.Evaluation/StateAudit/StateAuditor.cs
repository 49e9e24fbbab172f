using BiMamba.Diagnostics;
using BiMamba.Runtime;

namespace BiMamba.Evaluation.StateAudit;

/// <summary>
/// Runs two models of one shape side by side over one long sequence: how far the state of every scan is from that of the
/// reference after 1, 2, 4, ... tokens, how fast the states of both decay, and how the predictions differ by position.
/// </summary>
/// <remarks>Memory does not grow with the sequence: there are two states, and the logits of one chunk of both models.</remarks>
public sealed class StateAuditor
{
    private readonly ModelRunner reference;
    private readonly ModelRunner other;
    private readonly WindowPlan plan;

    /// <summary>An audit of models that <see cref="ComparableModels.CheckShapes"/> allows.</summary>
    /// <param name="reference">The reference, with states in fp32.</param>
    /// <param name="other">The model, with states in fp32 and the chunk size of the reference; results do not depend on that.</param>
    /// <param name="plan">The sequence: its first window, of at least two tokens.</param>
    public StateAuditor(ModelRunner reference, ModelRunner other, WindowPlan plan)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.VocabularyRows, reference.VocabularyRows);
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Options.ChunkTokens, reference.Options.ChunkTokens);
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.Context, 2);
        (this.reference, this.other, this.plan) = (reference, other, plan.Take(1));
    }

    /// <summary>Tokens of a sequence where no number is given, as far as the text has them.</summary>
    public static int DefaultContext => 16384;

    /// <summary>The audit; null with an error where logits are not finite.</summary>
    /// <param name="diagnostics">Receives the error.</param>
    /// <param name="progress">Is told after every chunk, or null.</param>
    /// <param name="cancellation">Stops the run.</param>
    public StateAuditResult? Run(DiagnosticBag diagnostics, IProgress<StateAuditProgress>? progress, CancellationToken cancellation)
    {
        var (left, right) = (reference.NewState(), other.NewState());
        var (leftDecay, rightDecay) = (new DecayObserver(reference.Module), new DecayObserver(other.Module));
        var (ids, chunk, positions) = (plan.Memory(0), Math.Min(reference.Options.ChunkTokens, plan.Context), Positions(plan.Context));
        var scores = new PositionScores(ids, chunk, reference.VocabularyRows, reference.Options.Threads);
        var errors = new StateErrors(reference.Scans);
        foreach (var (first, end) in positions.Prepend(0).Zip(positions))
        {
            for (var token = first; token < end; token += chunk)
            {
                var count = Math.Min(chunk, end - token);
                reference.Run(left, ids.Span.Slice(token, count), scores.OnReference, leftDecay, cancellation);
                other.Run(right, ids.Span.Slice(token, count), scores.OnOther, rightDecay, cancellation);
                scores.Add(token, count, cancellation);
                progress?.Report(new StateAuditProgress(token + count, plan.Context, scores.MeanKl(Math.Min(token + count, plan.Context - 1))));
            }

            errors.Measure(left, right);
        }

        if (scores.Buckets() is { } buckets)
            return new StateAuditResult(plan, positions, Layers(errors, leftDecay, rightDecay), buckets);
        Evaluator.ReportNotFinite(plan, 0, diagnostics, cancellation, reference, other);
        return null;
    }

    /// <summary>1, 2, 4, ... up to a number of tokens, and that number.</summary>
    internal static int[] Positions(int tokens) =>
        [.. Enumerable.Range(0, 31).Select(power => 1 << power).TakeWhile(position => position < tokens), tokens];

    private LayerAudit[] Layers(StateErrors errors, DecayObserver left, DecayObserver right) => [.. reference.Scans.Select((scan, i) =>
    {
        var (expected, found) = (left.Scans[i].Memory(), right.Scans[i].Memory());
        return new LayerAudit(scan.Block, scan.HasHeads, scan.StateSize, scan.Channels, [.. expected.Select((memory, head) => new HeadAudit(errors.Of(i, head), memory, found[head]))]);
    })];
}
