using BiMamba.IR;
using BiMamba.Runtime;

namespace BiMamba.Bisection.Running;

/// <summary>Runs modules from the start of a sequence.</summary>
/// <param name="options">How modules are run.</param>
/// <param name="cancellation">Stops a run between chunks.</param>
internal sealed class ModuleRun(RuntimeOptions options, CancellationToken cancellation)
{
    /// <summary>Stops the runs.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>One run.</summary>
    /// <param name="module">A module with weights.</param>
    /// <param name="ids">Token ids.</param>
    /// <param name="valuesOf">Index of the block whose values are kept, or null.</param>
    public Trace Run(Module module, int[] ids, int? valuesOf = null)
    {
        var trace = new Trace(ids.Length, valuesOf);
        var runner = new ModelRunner(module, options);
        runner.Run(runner.NewState(), ids, trace.OnLogits, trace, cancellation);
        return trace;
    }

    /// <summary>A run whose logits are known: it keeps the results of all blocks but the last, which is not run.</summary>
    /// <param name="module">A module with weights.</param>
    /// <param name="ids">Token ids.</param>
    /// <param name="logits">Its logits.</param>
    public Trace Reference(Module module, int[] ids, Activations logits)
    {
        var trace = new Trace(ids.Length, null, logits);
        var runner = new ModelRunner(module, options);
        runner.Run(runner.NewState(), ids, null, trace, cancellation);
        return trace;
    }

    /// <summary>How far the logits of a module are from others; they are compared as they come, and not kept.</summary>
    /// <param name="module">A module with weights.</param>
    /// <param name="ids">Token ids.</param>
    /// <param name="expected">The other logits, for as many tokens.</param>
    public Difference Compare(Module module, int[] ids, Activations expected)
    {
        var difference = Difference.None;
        var runner = new ModelRunner(module, options);
        runner.Run(runner.NewState(), ids, (firstToken, rows) => difference = difference.Or(expected, firstToken, rows), cancellation: cancellation);
        return difference;
    }
}
