using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Pipeline;
using BiMamba.Tensors;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>Replaces dense linears of a module one by one, and reports what each costs.</summary>
/// <param name="plan">What is replaced.</param>
/// <param name="stage">Name of the pass.</param>
/// <param name="context">Receives reports, progress and errors.</param>
public sealed class LinearEditor(TargetPlan plan, string stage, PassContext context)
{
    private readonly long total = plan.Blocks.Sum(block => block.Sum(target => Bytes(target.Op, plan.Module)));
    private long done;

    /// <summary>The module as it is now, at level quant.</summary>
    public Module Module { get; private set; } = plan.Module with { Level = Level.Quant };

    /// <summary>The weight of a linear; null with an error where it is not finite.</summary>
    public WeightMatrix? Read(Op linear)
    {
        var resource = Module.Resources[linear.Get("weight")];
        var values = resource.Data.ToSingles();
        var bad = Array.FindIndex(values, value => !float.IsFinite(value));
        var columns = checked((int)resource.Shape[1]);
        if (bad < 0)
            return new WeightMatrix(resource.Name, values, checked((int)resource.Shape[0]), columns);
        context.Diagnostics.Add(PipelineDiagnostics.NotFinite, string.Create(CultureInfo.InvariantCulture, $"expected a finite number at row {bad / columns}, column {bad % columns}, found {values[bad]}"), new Place(stage, resource.Name));
        return null;
    }

    /// <summary>Puts the op of a low-bit weight in place of a linear.</summary>
    /// <param name="block">Index of the block.</param>
    /// <param name="linear">The linear.</param>
    /// <param name="weight">Its weight.</param>
    /// <param name="lowered">The low-bit form.</param>
    /// <param name="start">Timestamp of the beginning of the work on it.</param>
    public void Replace(int block, Op linear, WeightMatrix weight, LoweredWeight lowered, long start)
    {
        var resources = Module.Resources.ToBuilder();
        var op = lowered.Build(linear, resources);
        var owner = Module.Blocks[block];
        Module = (Module with { Resources = resources.ToImmutable() }).WithBlock(block, owner.With(owner.Replace(linear, op)));
        context.Report(stage, weight.Name, "relative squared error", Error(weight.Values, lowered.Dequantize()));
        context.Report(stage, weight.Name, "bits a weight", 8.0 * PackedBytes(op, Module) / weight.Values.Length);
        context.Report(stage, weight.Name, "seconds", Stopwatch.GetElapsedTime(start).TotalSeconds);
        done += Bytes(linear, plan.Module);
        context.Progress?.Report(new PassProgress(stage, weight.Name, done, total));
    }

    /// <summary>The module after the pass.</summary>
    public Module Finish() => Module.WithoutUnusedResources();

    private static long Bytes(Op linear, Module module) => module.Resources[linear.Get("weight")].Data.ByteLength;

    private static double Error(float[] weight, float[] lowered)
    {
        double error = 0, norm = 0;
        for (var i = 0; i < weight.Length; i++)
        {
            var difference = (double)weight[i] - lowered[i];
            error += difference * difference;
            norm += (double)weight[i] * weight[i];
        }

        return norm > 0 ? error / norm : 0;
    }

    /// <summary>Bytes that a low-bit op takes once it is packed, everything beside its codes included but for its bias and exact zeros.</summary>
    private static long PackedBytes(Op op, Module module) => op.Operands.Where(operand => operand.IsResource && operand.Role != "bias").Sum(operand =>
    {
        var resource = module.Resources[operand.Name];
        if (operand.Role == "codes")
            return CodePlanes.ByteLength(op.Int(Attributes.CodeBits), (int)resource.Shape[0], (int)resource.Shape[1]);
        return resource.Encoding == Encoding.Trit ? Encoding.Sign1.ByteLength(resource.Shape) : resource.Data.ByteLength;
    });
}
