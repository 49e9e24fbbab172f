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
        var bad = NotFinite.IndexOf(values);
        var columns = checked((int)resource.Shape[1]);
        if (bad < 0)
            return new WeightMatrix(resource.Name, values, checked((int)resource.Shape[0]), columns);
        context.Diagnostics.Add(PipelineDiagnostics.NotFinite, string.Create(CultureInfo.InvariantCulture, $"expected a finite number at row {bad / columns}, column {bad % columns}, found {values[bad]}"), new Place(stage, resource.Name));
        return null;
    }

    /// <summary>Puts the op of a low-bit weight in place of a linear; false with an error where its numbers pass the range of the scales that are stored.</summary>
    /// <param name="block">Index of the block.</param>
    /// <param name="linear">The linear.</param>
    /// <param name="weight">Its weight.</param>
    /// <param name="lowered">The low-bit form.</param>
    /// <param name="start">Timestamp of the beginning of the work on it.</param>
    public bool Replace(int block, Op linear, WeightMatrix weight, LoweredWeight lowered, long start)
    {
        var values = lowered.Dequantize();
        if (NotFinite.IndexOf(values) is >= 0 and var bad)
        {
            context.Diagnostics.Add(
                PipelineDiagnostics.NotFinite,
                string.Create(CultureInfo.InvariantCulture, $"row {bad / weight.Columns}, column {bad % weight.Columns}: the low-bit form of {weight.Values[bad]:R} is not finite: {lowered.Range}"),
                new Place(stage, weight.Name),
                $"leave the weight as it is with keep=[\"{weight.Name}\"]");
            return false;
        }

        var resources = Module.Resources.ToBuilder();
        var op = lowered.Build(linear, resources);
        var owner = Module.Blocks[block];
        Module = (Module with { Resources = resources.ToImmutable() }).WithBlock(block, owner.With(owner.Replace(linear, op)));
        context.Report(stage, weight.Name, "relative squared error", Error(weight.Values, values));
        context.Report(stage, weight.Name, "bits a weight", 8.0 * PackedBytes(op, Module) / weight.Values.Length);
        context.Report(stage, weight.Name, "seconds", Stopwatch.GetElapsedTime(start).TotalSeconds);
        Advance(linear);
        return true;
    }

    /// <summary>Puts a block that is finished already in place of one, with all that was said of it.</summary>
    /// <param name="index">Index of the block.</param>
    /// <param name="finished">The block after the pass.</param>
    /// <param name="linears">The linears that were replaced in it.</param>
    public void Restore(int index, FinishedBlock finished, IEnumerable<LinearTarget> linears)
    {
        var resources = Module.Resources.SetItems(finished.Resources.Select(resource => KeyValuePair.Create(resource.Name, resource)));
        Module = (Module with { Resources = resources }).WithBlock(index, finished.Block);
        foreach (var measured in finished.Measurements)
            context.Report(measured.Stage, measured.Resource, measured.Measure, measured.Value);
        foreach (var diagnostic in finished.Diagnostics)
            context.Diagnostics.Add(diagnostic);
        foreach (var (linear, _) in linears)
            Advance(linear);
    }

    /// <summary>The module after the pass.</summary>
    public Module Finish() => Module.WithoutUnusedResources();

    private static long Bytes(Op linear, Module module) => module.Resources[linear.Get("weight")].Data.ByteLength;

    private void Advance(Op linear)
    {
        done += Bytes(linear, plan.Module);
        context.Progress?.Report(new PassProgress(stage, linear.Get("weight"), done, total));
    }

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
