using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace BiMamba.Runtime.Threads;

/// <summary>
/// A few threads that work through phases: the caller, and threads of the pool that join while there is work. A phase
/// is a number of pieces that are claimed one by one; it ends when all are done. Nothing is allocated for a phase, and a
/// thread that comes late, or not at all, only leaves more pieces to the others.
/// </summary>
/// <remarks>
/// One 64-bit word holds the phase, its pieces and the next one to claim, so that a claim is one compare-and-swap and a
/// thread that still looks at an earlier phase cannot claim a piece of a later one. The fields that describe the
/// phase stay as they are until its last piece is done.
/// </remarks>
internal sealed class Team
{
    private const int PieceBits = 20;
    private const long PieceMask = (1L << PieceBits) - 1;

    private readonly Scratch own = new();
    private readonly Helper[] helpers;
    private long word;
    private long phase;
    private int undone;
    private IPieces? work;
    private Frame? frame;
    private Exception? fault;

    /// <summary>A team of some threads, the caller's included.</summary>
    public Team(int threads)
    {
        Threads = threads;
        helpers = [.. Enumerable.Range(1, Math.Max(0, threads - 1)).Select(_ => new Helper(this))];
    }

    /// <summary>The number of threads.</summary>
    public int Threads { get; }

    /// <summary>The most pieces of a phase.</summary>
    public static int MaxPieces => (int)PieceMask;

    /// <summary>Runs a phase; returns when all its pieces are done.</summary>
    public void Run(IPieces pieces, Frame over, int count)
    {
        phase++;
        if (count <= 1 || Threads <= 1)
        {
            own.Phase = phase;
            for (var i = 0; i < count; i++)
                pieces.RunPiece(over, i, own);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxPieces);
        (work, frame, undone) = (pieces, over, count);
        Volatile.Write(ref word, Pack(phase, count));
        for (var i = 0; i < Math.Min(helpers.Length, count - 1); i++)
            helpers[i].Summon();
        while (Claim(out var piece))
            RunClaimed(piece, own);
        AwaitLast();
        (work, frame) = (null, null);
        if (fault is { } exception)
        {
            fault = null;
            ExceptionDispatchInfo.Throw(exception);
        }
    }

    private static long Pack(long phase, int count) => (phase << (2 * PieceBits)) | ((long)count << PieceBits);

    private bool Claim(out int piece)
    {
        var seen = Volatile.Read(ref word);
        while (true)
        {
            var next = seen & PieceMask;
            if (next >= ((seen >> PieceBits) & PieceMask))
            {
                piece = 0;
                return false;
            }

            var found = Interlocked.CompareExchange(ref word, seen + 1, seen);
            if (found == seen)
            {
                piece = (int)next;
                return true;
            }

            seen = found;
        }
    }

    private void RunClaimed(int piece, Scratch scratch)
    {
        scratch.Phase = phase;
        try
        {
            work!.RunPiece(frame!, piece, scratch);
        }
#pragma warning disable CA1031 // It is thrown again on the caller's thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref fault, exception, null);
        }

        Interlocked.Decrement(ref undone);
    }

    private void AwaitLast()
    {
        var wait = new SpinWait();
        while (Volatile.Read(ref undone) != 0)
        {
            // A helper that lost its core needs one to finish.
            if (wait.NextSpinWillYield && wait.Count > 64)
                Thread.Yield();
            else
                wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>One thread of the pool, while it has joined.</summary>
    private sealed class Helper(Team team) : IThreadPoolWorkItem
    {
        // Longer than what lies between the phases of a run, shorter than what would be missed by others.
        private static readonly TimeSpan Patience = TimeSpan.FromMicroseconds(60);
        private readonly Scratch scratch = new();
        private int joined;

        public void Summon()
        {
            if (Volatile.Read(ref joined) == 0 && Interlocked.Exchange(ref joined, 1) == 0)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        public void Execute()
        {
            var idleSince = Stopwatch.GetTimestamp();
            while (true)
            {
                if (team.Claim(out var piece))
                {
                    team.RunClaimed(piece, scratch);
                    idleSince = Stopwatch.GetTimestamp();
                    continue;
                }

                if (Stopwatch.GetElapsedTime(idleSince) > Patience)
                    break;
                Thread.SpinWait(8);
            }

            Volatile.Write(ref joined, 0);
        }
    }
}
