using System.Diagnostics;
using BiMamba.IR;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>A low-bit pass that looks at nothing but the weights.</summary>
public abstract class WeightOnlyPass : Pass
{
    /// <inheritdoc/>
    public sealed override Module? Run(Module module, PassOptions options, PassContext context)
    {
        if (LinearTargets.Find(module, options, Info.Name, context.Diagnostics) is not { } targets)
            return null;
        var editor = new LinearEditor(module, Info.Name, targets.Sum(block => block.Sum(op => LinearEditor.Bytes(op, module))), context);
        for (var block = 0; block < targets.Length; block++)
        {
            foreach (var op in targets[block])
            {
                context.Cancellation.ThrowIfCancellationRequested();
                var start = Stopwatch.GetTimestamp();
                if (editor.Read(op) is not { } weight)
                    return null;
                editor.Replace(block, op, weight, Lower(weight, options, context.Parallel), start);
            }
        }

        return editor.Finish();
    }

    /// <summary>The low-bit form of a weight.</summary>
    protected abstract LoweredWeight Lower(WeightMatrix weight, PassOptions options, ParallelOptions parallel);
}
