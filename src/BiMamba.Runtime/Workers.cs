namespace BiMamba.Runtime;

/// <summary>Runs independent pieces of work on a fixed number of threads, each with a scratch buffer of its own.</summary>
internal sealed class Workers(int threads)
{
    private readonly float[][] scratch = [.. Enumerable.Repeat(Array.Empty<float>(), threads)];

    /// <summary>One piece of work: its index and a scratch buffer that no other piece uses meanwhile.</summary>
    public delegate void Piece(int index, Span<float> scratch);

    /// <summary>Runs pieces 0 to count; returns when all are done. Which thread runs a piece changes no result.</summary>
    public void For(int count, int scratchLength, Piece piece)
    {
        var used = Math.Min(threads, count);
        if (used <= 1)
        {
            var own = Scratch(0, scratchLength);
            for (var i = 0; i < count; i++)
                piece(i, own);
            return;
        }

        var next = -1;
        Parallel.For(0, used, new ParallelOptions { MaxDegreeOfParallelism = used }, worker =>
        {
            var own = Scratch(worker, scratchLength);
            for (int i; (i = Interlocked.Increment(ref next)) < count;)
                piece(i, own);
        });
    }

    /// <summary>Runs a range cut into pieces of at least <paramref name="grain"/> items, a multiple of it but for the last.</summary>
    public void ForRange(int length, int grain, int scratchLength, RangePiece piece)
    {
        var grains = (length + grain - 1) / grain;
        // A few pieces a thread even out what other programs take from a core.
        var perPiece = Math.Max(1, grains / (threads * 4)) * grain;
        For((length + perPiece - 1) / perPiece, scratchLength, (index, own) =>
            piece(index * perPiece, Math.Min(perPiece, length - (index * perPiece)), own));
    }

    /// <summary>One piece of a range: its first item, its length, and a scratch buffer.</summary>
    public delegate void RangePiece(int first, int count, Span<float> scratch);

    private Span<float> Scratch(int worker, int length)
    {
        if (scratch[worker].Length < length)
            scratch[worker] = GC.AllocateUninitializedArray<float>(length);
        return scratch[worker].AsSpan(0, length);
    }
}
