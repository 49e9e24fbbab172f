using BiMamba.Kernels;

namespace BiMamba.Runtime;

/// <summary>Receives logits of a batch, some tokens of one sequence at a time.</summary>
/// <param name="sequence">Index of the sequence in the batch.</param>
/// <param name="firstToken">Index of the first of these tokens in the run of that sequence.</param>
/// <param name="logits">[tokens, stored vocabulary rows], valid during the call.</param>
public delegate void BatchLogitsSink(int sequence, int firstToken, Rows logits);

/// <content>Several sequences side by side.</content>
public sealed partial class ModelRunner
{
    /// <summary>
    /// Runs the next tokens of several sequences side by side and moves their states on. Every sequence gets the bits that
    /// it gets alone.
    /// </summary>
    /// <param name="batch">The sequences, each with a state of its own.</param>
    /// <param name="sink">Receives the logits of all tokens, or null to compute none.</param>
    /// <param name="cancellation">Stops the run between blocks; the states are then of no use.</param>
    /// <exception cref="Tensors.InputChangedException">A file of weights is not what it was when it was opened.</exception>
    public void Run(IReadOnlyList<Sequence> batch, BatchLogitsSink? sink, CancellationToken cancellation = default)
    {
        CheckFiles();
        var longest = 0;
        foreach (var sequence in batch)
            longest = Math.Max(longest, sequence.Tokens.Length);
        for (var first = 0; first < batch.Count; first += Options.ChunkTokens)
        {
            var count = Math.Min(Options.ChunkTokens, batch.Count - first);
            var step = Options.ChunkTokens / count;
            for (var token = 0; token < longest; token += step)
            {
                cancellation.ThrowIfCancellationRequested();
                RunStep(batch, first, count, token, step, sink, cancellation);
            }
        }
    }

    private void RunStep(IReadOnlyList<Sequence> batch, int first, int count, int token, int step, BatchLogitsSink? sink, CancellationToken cancellation)
    {
        frame.Clear();
        for (var i = first; i < first + count; i++)
        {
            var tokens = batch[i].Tokens.Span;
            if (tokens.Length > token)
                frame.Add(i, batch[i].State, tokens.Slice(token, Math.Min(step, tokens.Length - token)));
        }

        var rows = frame.Tokens;
        if (rows == 0)
            return;
        RunLayers(token, null, cancellation);
        for (var row = 0; sink is not null && row < rows; row += HeadRows)
            HandOut(row, token, RunHead(row, Math.Min(HeadRows, rows - row), token, null), sink);
    }

    /// <summary>Gives every sequence its rows of some logits, which begin at a row of the frame.</summary>
    private void HandOut(int row, int token, Rows logits, BatchLogitsSink sink)
    {
        for (var i = 0; i < frame.Sequences; i++)
        {
            var part = frame.Part(i);
            var from = Math.Max(row, part.First);
            var to = Math.Min(row + logits.Count, part.First + part.Count);
            if (from < to)
                sink(part.Index, token + from - part.First, logits.Slice(from - row, to - from));
        }
    }
}
