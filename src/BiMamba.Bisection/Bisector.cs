using System.Collections.Immutable;
using BiMamba.Bisection.Comparing;
using BiMamba.Bisection.Reproducing;
using BiMamba.Bisection.Running;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Pipeline;
using BiMamba.Runtime;
using BiMamba.Weights;

namespace BiMamba.Bisection;

/// <summary>
/// Finds what moves logits: replays a pipeline and names the first stage whose result leaves a tolerance, in it the first
/// layer that does so alone, in that the first tensor that is wrong, and cuts out a small module that shows it.
/// </summary>
public sealed class Bisector
{
    private readonly BisectionRequest request;
    private readonly ModuleRun run;
    private readonly StageReplay replay;

    /// <summary>A bisection.</summary>
    /// <param name="request">What is bisected.</param>
    /// <param name="cancellation">Stops the work.</param>
    public Bisector(BisectionRequest request, CancellationToken cancellation)
    {
        this.request = request;
        run = new ModuleRun(request.Runtime, cancellation);
        replay = new StageReplay(request.Runtime.Threads, cancellation);
    }

    /// <summary>
    /// The result; null where the module before the first stage gives logits that are not finite, which nothing can be
    /// compared with, or where a pass reports an error. The bag then has the error.
    /// </summary>
    /// <param name="diagnostics">Receives the error.</param>
    /// <param name="progress">Receives the stage that is about to run, or null.</param>
    public BisectionResult? Run(DiagnosticBag diagnostics, IProgress<string>? progress = null)
    {
        var stages = ImmutableArray.CreateBuilder<StageDifference>();
        var input = run.Run(request.Module, request.Ids).Logits;
        if (!AreFinite(input, request, diagnostics, run.Cancellation))
            return null;
        var (module, previous) = (request.Module, input);
        Culprit? culprit = null;
        foreach (var (index, stage) in request.Pipeline.Stages.Index())
        {
            progress?.Report(stage.ToString());
            var result = replay.Run(module, stage);
            if (result.Module is null)
            {
                foreach (var problem in result.Problems)
                    diagnostics.Add(problem);
                return null;
            }

            if (result.IsBroken)
            {
                stages.Add(new StageDifference(stage.ToString(), null, null, [.. result.Problems.Select(problem => problem.ToString())]));
                culprit ??= new CulpritSearch(request, index, module, result.Module, previous, run, replay).FindBroken();
                break;
            }

            var logits = run.Run(result.Module, request.Ids).Logits;
            var difference = new StageDifference(stage.ToString(), Difference.Of(input, logits), Difference.Of(previous, logits), []);
            stages.Add(difference);
            if (culprit is null && difference.FromInput!.Max > request.Tolerance)
                culprit = new CulpritSearch(request, index, module, result.Module, previous, run, replay).Find(difference.FromPrevious!.Max > request.Tolerance);
            (module, previous) = (result.Module, logits);
        }

        return new BisectionResult(stages.ToImmutable(), culprit);
    }

    private static bool AreFinite(Activations logits, BisectionRequest request, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var at = NotFinite.IndexOf(logits.Values);
        if (at < 0)
            return true;
        var (token, id) = Math.DivRem(at, logits.Width);
        var found = $"the logit of id {id} at token {token} is {FiniteWeights.Text(logits[token][id])} before the first stage";
        if (!NotFiniteOrigin.Report(new ModelRunner(request.Module, request.Runtime), request.Ids, found, Place.None, diagnostics, cancellation))
            diagnostics.Add(RuntimeDiagnostics.LogitsNotFinite, found, Place.None);
        return false;
    }
}
