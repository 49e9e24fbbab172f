using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
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

    private const string TrueSequential = "true_sequential";
    private const string Compat = "compat";
    private const string Release = "bimamba-release";

    /// <summary>The options of every pass of this kind.</summary>
    protected static ImmutableArray<PassOption> CalibrationOptions { get; } =
    [
        new(Damping, new OptionValue.Float(0.01), "part of the mean of the Hessian's diagonal that is added to the diagonal") { Min = 0, Max = 1 },
        new(TrueSequential, new OptionValue.Bool(true), "false to look at what reaches all linears of a block before the first of them is rewritten"),
        new(Compat, new OptionValue.Word("none"), "bimamba-release reproduces the script of the Bi-Mamba release: out_proj before in_proj, and no residual after the first block") { Allowed = ["none", Release] },
        .. LinearTargets.Options,
    ];

    /// <inheritdoc/>
    public sealed override Module? Run(Module module, PassOptions options, PassContext context)
    {
        if (context.Calibration is not { } calibration)
        {
            context.Diagnostics.Add(PipelineDiagnostics.NoCalibration, $"'{Info.Name}' looks at activations, and there is no text to compute them from", new Place(Info.Name), "name one with --calibration");
            return null;
        }

        if (LinearTargets.Find(module, options, Info.Name, context.Diagnostics) is not { } targets)
            return null;
        var editor = new LinearEditor(module, Info.Name, targets.Sum(block => block.Sum(op => LinearEditor.Bytes(op, module))), context);
        var run = calibration.Start(context.Cancellation);
        var walk = new BlockWalk(Info.Name, editor, targets, run, block => IsRelease(options) && !targets[block].IsEmpty ? targets[block][^1].Result.Name : null, context);
        for (var block = 0; block < targets.Length; block++)
        {
            if (walk.IsFinished(block))
                continue;
            walk.MoveTo(block);
            if (!RunBlock(block, targets[block], editor, run, options, context))
                return null;
            walk.Finish(block);
        }

        if (IsRelease(options))
            context.Diagnostics.Add(PipelineDiagnostics.Compatibility, "out_proj was calibrated before in_proj, and blocks behind the first got no residual: this is what the published rows rest on, not the method", new Place(Info.Name), "leave compat out for the method itself");
        return editor.Finish();
    }

    /// <summary>The low-bit form of a weight.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="factor">The factor of the inverse Hessian of its input.</param>
    /// <param name="options">Options of the stage.</param>
    /// <param name="parallel">Threads; the result does not depend on them.</param>
    /// <param name="loss">Receives half the squared error weighted by the inverse of the factor's squared diagonal.</param>
    protected abstract LoweredWeight Lower(WeightMatrix weight, HessianFactor factor, PassOptions options, ParallelOptions parallel, out double loss);

    /// <summary>True where columns are to be taken by falling diagonal of the Hessian.</summary>
    protected virtual bool HasActOrder(PassOptions options) => false;

    /// <summary>True where the script of the Bi-Mamba release is reproduced.</summary>
    protected static bool IsRelease(PassOptions options) => options.Word(Compat) == Release;

    private bool RunBlock(int block, ImmutableArray<Op> ops, LinearEditor editor, ICalibrationRun run, PassOptions options, PassContext context)
    {
        var before = options.Bool(TrueSequential) ? null : ops.ToDictionary(op => op.Result.Name, op => run.Capture(editor.Module, op.Get("x")), StringComparer.Ordinal);
        foreach (var op in IsRelease(options) ? ops.Reverse() : ops)
        {
            var start = Stopwatch.GetTimestamp();
            var moments = before?[op.Result.Name] ?? run.Capture(editor.Module, op.Get("x"));
            context.Report(Info.Name, op.Get("weight"), "seconds of calibration", Stopwatch.GetElapsedTime(start).TotalSeconds);
            if (!IsUsable(moments, op, context) || editor.Read(op) is not { } weight || Factor(moments, weight, options, context) is not { } factor)
                return false;
            var lowered = Lower(weight, factor, options, context.Parallel, out var loss);
            context.Report(Info.Name, weight.Name, "loss", loss);
            editor.Replace(block, op, weight, lowered, start);
        }

        return true;
    }

    private bool IsUsable(InputMoments moments, Op op, PassContext context)
    {
        var place = new Place(Info.Name, op.Get("weight"));
        if (moments.Tokens == 0)
            context.Diagnostics.Add(PipelineDiagnostics.NoSamples, "expected calibration tokens, found none", place, "use more samples");
        else if (moments.NotFinite is var (sample, token, column))
            context.Diagnostics.Add(PipelineDiagnostics.ActivationsNotFinite, string.Create(CultureInfo.InvariantCulture, $"expected finite inputs, found others from sample {sample}, token {token}, column {column} on"), place, "the checkpoint, or what was rewritten before this linear, overflows on this text");
        return moments.Tokens > 0 && moments.NotFinite is null;
    }

    private HessianFactor? Factor(InputMoments moments, WeightMatrix weight, PassOptions options, PassContext context)
    {
        var factoring = HessianFactor.Create(moments.Hessian, weight.Columns, options.Float(Damping), HasActOrder(options), context.Parallel);
        var place = new Place(Info.Name, weight.Name);
        if (factoring.Factor is not { } factor)
        {
            context.Diagnostics.Add(PipelineDiagnostics.Singular, $"the Hessian cannot be factored: {factoring.Reason}", place, "use more calibration text");
            return null;
        }

        if (factoring.Failed.Count > 0)
            context.Diagnostics.Add(PipelineDiagnostics.Damping, string.Create(CultureInfo.InvariantCulture, $"not positive definite with damping {string.Join(", ", factoring.Failed.Select(d => d.ToString("R", CultureInfo.InvariantCulture)))}: {factor.Damping:R} was used"), place, "use more calibration text");
        return factor;
    }
}
