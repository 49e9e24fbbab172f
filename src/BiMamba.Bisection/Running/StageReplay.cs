using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Pipeline;
using BiMamba.Pipeline.Instruments;

namespace BiMamba.Bisection.Running;

/// <summary>What one stage made of a module.</summary>
/// <param name="Module">Its result, verified or not; null where the pass reported an error.</param>
/// <param name="Problems">Errors of the pass or of the verifier; empty where the result is good.</param>
internal sealed record StageResult(Module? Module, IReadOnlyList<Diagnostic> Problems)
{
    /// <summary>True where the result breaks a rule of the verifier.</summary>
    public bool IsBroken => Module is not null && Problems.Count > 0;
}

/// <summary>Runs single stages, and keeps a result that the verifier refuses.</summary>
/// <param name="threads">Threads that a pass may use.</param>
/// <param name="cancellation">Stops the work.</param>
internal sealed class StageReplay(int threads, CancellationToken cancellation)
{
    /// <summary>One stage on a module that takes it.</summary>
    public StageResult Run(Module module, Stage stage)
    {
        var bag = new DiagnosticBag();
        var catcher = new Catcher();
        PassManager.Run(module, new PassPipeline([stage]), new PassContext(bag, threads, cancellation), new PassRunOptions { Instruments = [catcher], VerifyEach = false });
        return new StageResult(catcher.Result, [.. bag.Items.Where(item => item.Severity == Severity.Error)]);
    }

    private sealed class Catcher : PassInstrument
    {
        public Module? Result { get; private set; }

        public override void AfterStage(StageRun run, Module result, StageTime elapsed) => Result = result;
    }
}
