using BiMamba.IR;
using BiMamba.Runtime;

namespace BiMamba.Toolchain.Generation;

/// <summary>Computes the logits of a sequence.</summary>
internal static class LogitsRun
{
    /// <summary>Runs a sequence from its beginning.</summary>
    /// <param name="module">The model.</param>
    /// <param name="tokens">Ids of the vocabulary.</param>
    /// <param name="options">How.</param>
    /// <param name="sink">Receives the logits of all tokens in order, by the index of the first of them in the sequence.</param>
    /// <param name="cancellation">Stops the run between chunks.</param>
    public static void Run(Module module, int[] tokens, LogitsOptions options, LogitsSink sink, CancellationToken cancellation)
    {
        var runner = new ModelRunner(module, options.Runtime);
        var state = runner.NewState();
        var step = options.Stepwise ? 1 : Math.Max(1, tokens.Length);
        for (var start = 0; start < tokens.Length; start += step)
        {
            var offset = start;
            runner.Run(state, tokens.AsSpan(start, step), (first, rows) => sink(offset + first, rows), cancellation: cancellation);
        }
    }
}
