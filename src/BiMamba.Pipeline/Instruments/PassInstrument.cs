using BiMamba.Diagnostics;
using BiMamba.IR;

namespace BiMamba.Pipeline.Instruments;

/// <summary>One stage of a run and the module that it starts from.</summary>
/// <param name="Pipeline">The whole pipeline.</param>
/// <param name="Index">Index of the stage, from 0.</param>
/// <param name="Module">The module before the stage.</param>
public sealed record StageRun(PassPipeline Pipeline, int Index, Module Module)
{
    /// <summary>The stage.</summary>
    public Stage Stage => Pipeline.Stages[Index];

    /// <summary>Name of the pass.</summary>
    public string Name => Stage.Pass.Info.Name;
}

/// <summary>Watches a run of the pass manager. Methods are called on the manager's thread, in order.</summary>
public abstract class PassInstrument
{
    /// <summary>A stage is about to run.</summary>
    public virtual void BeforeStage(StageRun run)
    {
    }

    /// <summary>A stage has run and its module is verified, where that is wanted.</summary>
    /// <param name="run">The stage.</param>
    /// <param name="result">The module that it gave.</param>
    /// <param name="elapsed">Time of the pass and of the verifier.</param>
    public virtual void AfterStage(StageRun run, Module result, StageTime elapsed)
    {
    }

    /// <summary>A stage has failed: its pass reported an error, its module broke a rule, or it threw.</summary>
    /// <param name="run">The stage.</param>
    /// <param name="diagnostics">What is known of the failure; more can be added.</param>
    public virtual void OnFailure(StageRun run, DiagnosticBag diagnostics)
    {
    }
}

/// <summary>How long a stage took.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Verifier">The verifier after it.</param>
public readonly record struct StageTime(TimeSpan Pass, TimeSpan Verifier);
