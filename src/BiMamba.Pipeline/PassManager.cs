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
        foreach (var (stage, index) in pipeline.Stages.Select((stage, index) => (stage, index)))
        {
            var info = stage.Pass.Info;
            if (info.Gives(level) is { } next)
            {
                level = next;
                continue;
            }

            var takes = string.Join(" or ", info.Rules.Select(rule => rule.Takes.Name()));
            var bridge = passes.FirstOrDefault(pass => pass.Info.Gives(level) is { } given && given != level && info.Gives(given) is not null);
            diagnostics.Add(
                PipelineDiagnostics.LevelOrder,
                $"stage '{info.Name}' needs level {takes}, but the module is at level {level.Name()}",
                new Place("pipeline", Field: $"stage {index + 1}"),
                bridge is null ? $"a module at level {level.Name()} has no use for '{info.Name}': remove it" : $"put '{bridge.Info.Name}' before it");
            return null;
        }

        return level;
    }

    /// <summary>The module after all stages; null where the bag got an error.</summary>
    public static Module? Run(Module module, PassPipeline pipeline, PassContext context)
    {
        if (!Verifier.Verify(module, "input module", context.Diagnostics))
            return null;
        foreach (var stage in pipeline.Stages)
        {
            context.Cancellation.ThrowIfCancellationRequested();
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
