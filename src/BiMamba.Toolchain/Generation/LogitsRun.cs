using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Kernels;
using BiMamba.Runtime;
using BiMamba.Toolchain.Models;
using BiMamba.Weights;

namespace BiMamba.Toolchain.Generation;

/// <summary>Computes the logits of a sequence.</summary>
internal static class LogitsRun
{
    /// <summary>Runs a sequence from its beginning; false with an error at the first logit that is not finite.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">Ids of the vocabulary.</param>
    /// <param name="options">How.</param>
    /// <param name="sink">Receives the logits of all tokens in order, by the index of the first of them in the sequence.</param>
    /// <param name="diagnostics">Receives the error.</param>
    /// <param name="cancellation">Stops the run between blocks.</param>
    public static bool Run(LoadedModel model, int[] tokens, LogitsOptions options, LogitsSink sink, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var runner = new ModelRunner(model.Module, options.Runtime);
        var state = runner.NewState();
        var step = options.Stepwise ? 1 : Math.Min(runner.Options.ChunkTokens, Math.Max(1, tokens.Length));
        (int Token, int Id, float Value)? broken = null;
        for (var start = 0; start < tokens.Length && broken is null; start += step)
        {
            var offset = start;
            runner.Run(
                state, tokens.AsSpan(start, Math.Min(step, tokens.Length - start)),
                (first, rows) =>
                {
                    for (var t = 0; t < rows.Count && broken is null; t++)
                    {
                        if (NotFinite.IndexOf(rows[t]) is >= 0 and var id)
                            broken = (offset + first + t, id, rows[t][id]);
                    }

                    sink(offset + first, rows);
                },
                cancellation: cancellation);
        }

        if (broken is not var (token, logit, value))
            return true;
        var found = $"the logit of id {logit} at token {token} is {FiniteWeights.Text(value)}";
        if (!NotFiniteOrigin.Report(runner, tokens.AsSpan(0, token + 1), found, Place.OfFile(model.Path), diagnostics, cancellation))
            diagnostics.Add(RuntimeDiagnostics.LogitsNotFinite, found, Place.OfFile(model.Path));
        return false;
    }
}
