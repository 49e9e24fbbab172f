using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Kernels;
using BiMamba.Weights;

namespace BiMamba.Runtime;

/// <summary>Says where the numbers of a run cease to be finite. It is looked for only once a result is not: the weights are read, and the tokens run again.</summary>
public static class NotFiniteOrigin
{
    /// <summary>
    /// Adds an error that names the first cause; false where there is none in these tokens: <see cref="PipelineDiagnostics.NotFinite"/> with tensor and element where weights are NaN or
    /// infinite, else <see cref="RuntimeDiagnostics.LogitsNotFinite"/> with the block, the value and the token where finite weights overflow.
    /// </summary>
    /// <param name="runner">The model.</param>
    /// <param name="tokens">The tokens, from the start of the sequence.</param>
    /// <param name="found">What was seen of it: <c>the likelihood of window 3 is not finite</c>.</param>
    /// <param name="place">Where the tokens are from.</param>
    /// <param name="diagnostics">Receives the error.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static bool Report(ModelRunner runner, ReadOnlySpan<int> tokens, string found, Place place, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = runner.Options.Threads, CancellationToken = cancellation };
        if (!FiniteWeights.Check(runner.Module, null, parallel, diagnostics))
            return true;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var search = new Search(stop);
        try
        {
            runner.Run(runner.NewState(), tokens, (_, _) => { }, search, stop.Token);
        }
        catch (OperationCanceledException) when (search.Found is not null && !cancellation.IsCancellationRequested)
        {
            // The rest of the run says nothing more.
        }

        if (search.Found is not var (block, value, token, column))
            return false;
        diagnostics.Add(
            RuntimeDiagnostics.LogitsNotFinite,
            string.Create(CultureInfo.InvariantCulture, $"{found}: the first number that is none is in %{value} of block @{runner.Module.Blocks[block].Name}, token {token}, column {column}"),
            place,
            "all weights are finite: activations pass the range of fp32");
        return true;
    }

    private sealed class Search(CancellationTokenSource stop) : IValueObserver
    {
        public (int Block, string Value, int Token, int Column)? Found { get; private set; }

        public bool Wants(int block) => Found is null;

        public void OnValue(int block, string name, int firstToken, Rows values)
        {
            for (var t = 0; t < values.Count && Found is null; t++)
            {
                if (NotFinite.IndexOf(values[t]) is not (>= 0 and var column))
                    continue;
                Found = (block, name, firstToken + t, column);
                stop.Cancel();
            }
        }

        public void OnBlock(int block, int firstToken, Rows values)
        {
            // Its result is one of its values.
        }
    }
}
