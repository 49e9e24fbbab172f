using System.Numerics.Tensors;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Evaluation.StateAudit;

/// <summary>
/// Sums the steps of a scan, dt = clamp(softplus(raw + bias)), in fp64 over the fp32 numbers that the kernel has too. A step
/// is that of a head in Mamba-2, and of a channel in Mamba-1. Tokens are summed in order: the result does not depend on
/// chunks.
/// </summary>
internal sealed class ScanDecay
{
    private readonly double[] rates;
    private readonly double[] sums;
    private readonly float[] bias;
    private readonly float[] steps;
    private readonly float dtMin;
    private readonly float dtMax;
    private readonly bool hasHeads;
    private long tokens;

    /// <summary>Reads the rates.</summary>
    /// <param name="module">The weights.</param>
    /// <param name="op">An ssd_scan or a selective_scan.</param>
    public ScanDecay(Module module, Op op)
    {
        hasHeads = op.Code == OpCode.SsdScan;
        Input = op.Get("dt");
        var aLog = module.Resources[op.Get("a_log")].Data;
        var width = checked((int)aLog.Shape[0]);
        rates = Rates(aLog.ToSingles(), width);
        bias = op.Find("dt_bias") is { } name ? module.Resources[name].Data.ToSingles() : new float[width];
        (sums, steps) = (new double[width], new float[width]);
        (dtMin, dtMax) = hasHeads ? ((float)op.Float(Attributes.DtMin), (float)op.Float(Attributes.DtMax)) : (0, float.PositiveInfinity);
    }

    /// <summary>Name of the value of raw steps.</summary>
    public string Input { get; }

    /// <summary>Adds tokens.</summary>
    /// <param name="raw">[tokens, heads], or [tokens, channels].</param>
    public void Add(Rows raw)
    {
        for (var t = 0; t < raw.Count; t++)
        {
            TensorPrimitives.Add(raw[t], bias, steps);
            Activation.Softplus(steps, steps);
            for (var i = 0; i < steps.Length; i++)
            {
                var dt = steps[i] < dtMin ? dtMin : steps[i];
                sums[i] += dt > dtMax ? dtMax : dt;
            }
        }

        tokens += raw.Count;
    }

    /// <summary>1 over the mean of dt |a|, in tokens: for every head, or one for all channels and state dimensions together.</summary>
    public double[] Memory()
    {
        double[] decays = [.. sums.Zip(rates, (sum, rate) => sum / tokens * rate)];
        return hasHeads ? [.. decays.Select(decay => 1 / decay)] : [1 / decays.Average()];
    }

    /// <summary>The mean of |a| = exp(a_log), rounded once as in the kernels, of every row of a_log.</summary>
    private static double[] Rates(float[] aLog, int rows)
    {
        var columns = aLog.Length / Math.Max(1, rows);
        return [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(row * columns, columns).Average(i => (double)(float)Math.Exp(aLog[i])))];
    }
}
