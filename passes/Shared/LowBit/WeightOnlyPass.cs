using System.Diagnostics;
using BiMamba.IR;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>A low-bit pass that looks at nothing but the weights.</summary>
public abstract class WeightOnlyPass : Pass
{
    /// <inheritdoc/>
    public sealed override string? Reject(PassOptions options) => LinearTargets.Reject(Info, options);

    /// <inheritdoc/>
    public sealed override Module? Run(Module module, PassOptions options, PassContext context)
    {
        if (LinearTargets.Find(module, options, Info, context.Diagnostics) is not { } plan)
            return null;
        var editor = new LinearEditor(plan, Info.Name, context);
        for (var block = 0; block < plan.Blocks.Length; block++)
        {
            foreach (var (op, own) in plan.Blocks[block])
            {
                context.Cancellation.ThrowIfCancellationRequested();
                var start = Stopwatch.GetTimestamp();
                if (editor.Read(op) is not { } weight || !editor.Replace(block, op, weight, Lower(weight, own, context.Parallel), start))
                    return null;
            }
        }

        return editor.Finish();
    }

    /// <summary>The low-bit form of a weight.</summary>
    protected abstract LoweredWeight Lower(WeightMatrix weight, PassOptions options, ParallelOptions parallel);
}
