using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;

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
    public static Module? Run(Module module, PassPipeline pipeline, PassContext context)
    {
        if (!Verifier.Verify(module, "input module", context.Diagnostics))
            return null;
        foreach (var stage in pipeline.Stages)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (!HasWeights(module, stage, context.Diagnostics))
                return null;
            if (stage.Pass.Run(module, stage.Options, context) is not { } next)
                return null;
            var level = stage.Pass.Info.Gives(module.Level);
            if (next.Level != level)
                throw new InvalidOperationException($"{stage.Pass.Info.Name} gave level {next.Level.Name()}, its descriptor says {level?.Name()}");
            if (!Verifier.Verify(next, $"after {stage.Pass.Info.Name}", context.Diagnostics))
                return null;
            module = next;
        }

        return module;
    }
}
