using BiMamba.Diagnostics;

namespace BiMamba.CommandLine;

/// <summary>
/// Whether the body of a command is still at work. A body ends soon after a signal because it looks at its token; where it does
/// not, on a slow disk or in one long step, it is abandoned: nobody waits for it, and what it had begun is removed in its place.
/// </summary>
internal sealed class CommandRun
{
    private const int NotBegun = 0;
    private const int Running = 1;
    private const int Ended = 2;
    private const int Abandoned = 3;

    private int state;

    /// <summary>Where the command writes.</summary>
    public OutputPlaces Outputs { get; } = new();

    /// <summary>True where nobody waits for the body any more: what it says is not to be shown.</summary>
    public bool IsAbandoned => Volatile.Read(ref state) == Abandoned;

    /// <summary>The body is about to run.</summary>
    public void Begin() => Interlocked.CompareExchange(ref state, Running, NotBegun);

    /// <summary>Runs the body to its end.</summary>
    public ExitCode Do(Func<ExitCode> body)
    {
        try
        {
            return body();
        }
        finally
        {
            Interlocked.CompareExchange(ref state, Ended, Running);
        }
    }

    /// <summary>Removes what the body has not finished; false where it has ended, or had never begun.</summary>
    public bool TryAbandon()
    {
        if (Interlocked.CompareExchange(ref state, Abandoned, Running) != Running)
            return false;
        Outputs.RemoveUnfinished();
        return true;
    }
}
