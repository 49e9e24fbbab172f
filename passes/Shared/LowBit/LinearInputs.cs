using System.Diagnostics;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes.Gptq;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>What reaches the linears of a block. What reaches several, as the segments of in_proj, is looked at and factored once.</summary>
/// <param name="run">The samples, before the block.</param>
/// <param name="stage">Name of the pass.</param>
/// <param name="context">Receives reports and errors.</param>
internal sealed class LinearInputs(ICalibrationRun run, string stage, PassContext context)
{
    private readonly Dictionary<string, InputMoments> captured = new(StringComparer.Ordinal);
    private (InputMoments Moments, double Damping, bool ActOrder, HessianFactor Factor)? last;

    /// <summary>Looks at the inputs of linears before any of them is rewritten.</summary>
    public void Capture(Module module, IEnumerable<Op> linears)
    {
        foreach (var value in linears.Select(linear => linear.Get("x")).Distinct(StringComparer.Ordinal))
            captured[value] = run.Capture(module, value);
    }

    /// <summary>The second moments of a linear's input; null with an error where there is nothing to go by.</summary>
    public InputMoments? Moments(Module module, Op linear)
    {
        var start = Stopwatch.GetTimestamp();
        if (!captured.TryGetValue(linear.Get("x"), out var moments))
            captured[linear.Get("x")] = moments = run.Capture(module, linear.Get("x"));
        context.Report(stage, linear.Get("weight"), "seconds of calibration", Stopwatch.GetElapsedTime(start).TotalSeconds);
        var place = new Place(stage, linear.Get("weight"));
        if (moments.Tokens == 0)
            context.Diagnostics.Add(PipelineDiagnostics.NoSamples, "expected calibration tokens, found none", place, "use more samples");
        else if (moments.NotFinite is var (sample, token, column))
            context.Diagnostics.Add(PipelineDiagnostics.ActivationsNotFinite, string.Create(CultureInfo.InvariantCulture, $"expected finite inputs, found others from sample {sample}, token {token}, column {column} on"), place, "the checkpoint, or what was rewritten before this linear, overflows on this text");
        else
            return moments;
        return null;
    }

    /// <summary>The factor of the inverse of a Hessian; null with an error where there is none.</summary>
    public HessianFactor? Factor(InputMoments moments, WeightMatrix weight, double damping, bool actOrder)
    {
        if (last is { } known && ReferenceEquals(known.Moments, moments) && known.Damping.Equals(damping) && known.ActOrder == actOrder)
            return known.Factor;
        last = null;
        var factoring = HessianFactor.Create(moments.Hessian, weight.Columns, damping, actOrder, context.Parallel);
        var place = new Place(stage, weight.Name);
        if (factoring.Factor is not { } factor)
        {
            context.Diagnostics.Add(PipelineDiagnostics.Singular, $"the Hessian cannot be factored: {factoring.Reason}", place, "use more calibration text, or look at the activations that reach this weight");
            return null;
        }

        if (factoring.Failed.Count > 0)
            context.Diagnostics.Add(PipelineDiagnostics.Damping, string.Create(CultureInfo.InvariantCulture, $"not positive definite with damping {string.Join(", ", factoring.Failed.Select(d => d.ToString("R", CultureInfo.InvariantCulture)))}: {factor.Damping:R} was used"), place, "use more calibration text");
        last = (moments, damping, actOrder, factor);
        return factor;
    }
}
