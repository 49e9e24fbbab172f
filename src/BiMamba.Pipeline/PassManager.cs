using System.Diagnostics;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Pipeline.Instruments;

namespace BiMamba.Pipeline;

/// <summary>Runs a pipeline: checks the order of levels before any work, verifies the module at entry and after every pass.</summary>
public static class PassManager
{
    /// <summary>
    /// The level after a pipeline, or null with <see cref="PipelineDiagnostics.LevelOrder"/> where a stage cannot run.
    /// </summary>
    /// <param name="pipeline">The stages.</param>
    /// <param name="level">The level of the module before the first stage.</param>
    /// <param name="passes">All passes, for the hint.</param>
    /// <param name="diagnostics">Receives the error.</param>
    public static Level? CheckLevels(PassPipeline pipeline, Level level, IReadOnlyList<Pass> passes, DiagnosticBag diagnostics)
    {
        var before = new List<Level>();
        foreach (var (stage, index) in pipeline.Stages.Select((stage, index) => (stage, index)))
        {
            var info = stage.Pass.Info;
            before.Add(level);
            if (info.Gives(level) is { } next)
            {
                level = next;
                continue;
            }

            var takes = string.Join(" or ", info.Rules.Select(rule => rule.Takes.Name()));
            diagnostics.Add(
                PipelineDiagnostics.LevelOrder,
                $"stage '{info.Name}' needs level {takes}, but the module is at level {level.Name()}",
                new Place("pipeline", Field: $"stage {index + 1}"),
                OrderHint(pipeline, before, info, passes));
            return null;
        }

        return level;
    }

    /// <summary>Where a stage that cannot run would fit: further ahead, behind another pass, or nowhere.</summary>
    private static string OrderHint(PassPipeline pipeline, List<Level> before, PassInfo info, IReadOnlyList<Pass> passes)
    {
        var early = before.FindIndex(level => info.Gives(level) is not null);
        if (early >= 0 && pipeline.Stages[early].Pass.Info.Name == info.Name)
            return $"'{info.Name}' has run as stage {early + 1} already: remove one of them";
        if (early >= 0)
            return $"put it before '{pipeline.Stages[early].Pass.Info.Name}'";
        var bridge = passes.FirstOrDefault(pass => pass.Info.Gives(before[^1]) is { } given && given != before[^1] && info.Gives(given) is not null);
        return bridge is null ? $"a module at level {before[^1].Name()} has no use for '{info.Name}': remove it" : $"put '{bridge.Info.Name}' before it";
    }

    private static bool HasWeights(Module module, Stage stage, DiagnosticBag diagnostics)
    {
        if (stage.Pass.Info.Weights != WeightUse.Needed || module.Resources.Values.FirstOrDefault(resource => !resource.HasData) is not { } absent)
            return true;
        diagnostics.Add(PipelineDiagnostics.NoWeights, $"'{stage.Pass.Info.Name}' reads weights, and the module is text without them", new Place("pipeline", absent.Name), "name the model that has them with --weights");
        return false;
    }

    /// <summary>The module after all stages; null where the bag got an error.</summary>
    /// <param name="module">The module before the first stage.</param>
    /// <param name="pipeline">The stages.</param>
    /// <param name="context">What passes may use.</param>
    /// <param name="options">How the run is watched and verified.</param>
    public static Module? Run(Module module, PassPipeline pipeline, PassContext context, PassRunOptions? options = null)
    {
        options ??= new PassRunOptions();
        if (!Verifier.Verify(module, "input module", context.Diagnostics))
            return null;
        for (var i = 0; i < pipeline.Stages.Length; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            context.Stage = i;
            var run = new StageRun(pipeline, i, module);
            foreach (var instrument in options.Instruments)
                instrument.BeforeStage(run);
            if (RunStage(run, context, options) is not { } next)
                return null;
            module = next;
        }

        return options.VerifyEach || Verifier.Verify(module, "result", context.Diagnostics) ? module : null;
    }

    private static Module? RunStage(StageRun run, PassContext context, PassRunOptions options)
    {
        Module? result = null;
        StageTime time = default;
        try
        {
            result = HasWeights(run.Module, run.Stage, context.Diagnostics) ? Rewrite(run, context, options.VerifyEach, out time) : null;
        }
        catch (Exception e) when (e is not OperationCanceledException && Notify(run, context, options))
        {
            // A bug of a pass: the filter has told the instruments and lets it go on.
        }

        if (result is null)
        {
            Notify(run, context, options);
            return null;
        }

        foreach (var instrument in options.Instruments)
            instrument.AfterStage(run, result, time);
        return result;
    }

    /// <summary>Tells the instruments of a failure; false, so that it can stand as an exception filter.</summary>
    private static bool Notify(StageRun run, PassContext context, PassRunOptions options)
    {
        foreach (var instrument in options.Instruments)
            instrument.OnFailure(run, context.Diagnostics);
        return false;
    }

    private static Module? Rewrite(StageRun run, PassContext context, bool verify, out StageTime time)
    {
        var level = run.Stage.Pass.Info.Gives(run.Module.Level)
            ?? throw new InvalidOperationException($"{run.Name} does not take level {run.Module.Level.Name()}; {nameof(CheckLevels)} says so to users");
        var start = Stopwatch.GetTimestamp();
        var next = run.Stage.Pass.Run(run.Module, run.Stage.Options, context);
        time = new StageTime(Stopwatch.GetElapsedTime(start), TimeSpan.Zero);
        if (next is null)
            return null;
        if (next.Level != level)
            throw new InvalidOperationException($"{run.Name} gave level {next.Level.Name()}, its descriptor says {level.Name()}");
        start = Stopwatch.GetTimestamp();
        var ok = !verify || Verifier.Verify(next, $"after {run.Name}", context.Diagnostics);
        time = time with { Verifier = Stopwatch.GetElapsedTime(start) };
        return ok ? next : null;
    }
}
