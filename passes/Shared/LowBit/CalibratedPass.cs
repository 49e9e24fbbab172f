using System.Collections.Immutable;
using System.Diagnostics;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes.Gptq;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>
/// A low-bit pass that looks at what reaches each linear. Blocks are taken in turn; in a block the linears are taken in order of
/// execution, each after the ones before it are low-bit; the result of the low-bit block goes on to the next one.
/// </summary>
public abstract class CalibratedPass : Pass
{
    /// <summary>Name of the option of the damping.</summary>
    protected const string Damping = "percdamp";

    /// <summary>The measure of the time that a block took: moments, forward passes and the method itself.</summary>
    public const string BlockSeconds = "seconds of the block";

    /// <summary>The measure of what a block cannot do without: its moments and one forward pass of its linears, a multiply-add as two.</summary>
    public const string BlockOperations = "operations of moments and one forward pass";

    private const string TrueSequential = "true_sequential";
    private const string Compat = "compat";
    private const string Release = "bimamba-release";

    /// <summary>The options of every pass of this kind.</summary>
    protected static ImmutableArray<PassOption> CalibrationOptions { get; } =
    [
        new(Damping, new OptionValue.Float(0.01), "part of the mean of the Hessian's diagonal that is added to the diagonal") { Min = 0, Max = 1 },
        new(TrueSequential, new OptionValue.Bool(true), "false to look at what reaches all linears of a block before the first of them is rewritten") { IsOfStage = true },
        new(Compat, new OptionValue.Word("none"), "bimamba-release reproduces the script of the Bi-Mamba release: out_proj before in_proj, and no residual after the first block") { Allowed = ["none", Release], IsOfStage = true },
        .. LinearTargets.Options,
    ];

    /// <inheritdoc/>
    public sealed override string? Reject(PassOptions options) => LinearTargets.Reject(Info, options);

    /// <inheritdoc/>
    public sealed override Module? Run(Module module, PassOptions options, PassContext context)
    {
        if (context.Calibration is not { } calibration)
        {
            context.Diagnostics.Add(PipelineDiagnostics.NoCalibration, $"'{Info.Name}' looks at activations, and there is no text to compute them from", new Place(Info.Name), "name one with --calibration");
            return null;
        }

        if (LinearTargets.Find(module, options, Info, context.Diagnostics) is not { } plan)
            return null;
        var targets = plan.Blocks;
        var editor = new LinearEditor(plan, Info.Name, context);
        var run = calibration.Start(context.Cancellation);
        var walk = new BlockWalk(Info.Name, editor, targets, run, block => IsRelease(options) && !targets[block].IsEmpty ? targets[block][^1].Op.Result.Name : null, context);
        for (var block = 0; block < targets.Length; block++)
        {
            if (walk.IsFinished(block))
                continue;
            var start = Stopwatch.GetTimestamp();
            walk.MoveTo(block);
            if (!RunBlock(block, targets[block], editor, run, options, context))
                return null;
            context.Report(Info.Name, editor.Module.Blocks[block].Name, BlockSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
            walk.Finish(block);
        }

        if (IsRelease(options))
            context.Diagnostics.Add(PipelineDiagnostics.Compatibility, "out_proj was calibrated before in_proj, and blocks behind the first got no residual: this is what the published rows rest on, not the method", new Place(Info.Name), "leave compat out for the method itself");
        return editor.Finish();
    }

    /// <summary>The low-bit form of a weight.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="factor">The factor of the inverse Hessian of its input.</param>
    /// <param name="options">Options of the stage for this weight.</param>
    /// <param name="parallel">Threads; the result does not depend on them.</param>
    /// <param name="loss">Receives half the squared error weighted by the inverse of the factor's squared diagonal.</param>
    protected abstract LoweredWeight Lower(WeightMatrix weight, HessianFactor factor, PassOptions options, ParallelOptions parallel, out double loss);

    /// <summary>True where columns are to be taken by falling diagonal of the Hessian.</summary>
    protected virtual bool HasActOrder(PassOptions options) => false;

    /// <summary>True where the script of the Bi-Mamba release is reproduced.</summary>
    protected static bool IsRelease(PassOptions options) => options.Word(Compat) == Release;

    private bool RunBlock(int block, ImmutableArray<LinearTarget> targets, LinearEditor editor, ICalibrationRun run, PassOptions options, PassContext context)
    {
        var inputs = new LinearInputs(run, Info.Name, context);
        if (!options.Bool(TrueSequential))
            inputs.Capture(editor.Module, targets.Select(target => target.Op));
        foreach (var (op, own) in IsRelease(options) ? targets.Reverse() : targets)
        {
            var start = Stopwatch.GetTimestamp();
            if (inputs.Moments(editor.Module, op) is not { } moments || editor.Read(op) is not { } weight
                || inputs.Factor(moments, weight, own.Float(Damping), HasActOrder(own)) is not { } factor)
                return false;
            var lowered = Lower(weight, factor, own, context.Parallel, out var loss);
            context.Report(Info.Name, weight.Name, "loss", loss);
            if (!editor.Replace(block, op, weight, lowered, start))
                return false;
        }

        context.Report(Info.Name, editor.Module.Blocks[block].Name, BlockOperations, inputs.Operations(targets.Select(target => target.Op)));
        return true;
    }
}
