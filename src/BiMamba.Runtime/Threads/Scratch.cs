using BiMamba.Runtime.Memory;

namespace BiMamba.Runtime.Threads;

/// <summary>Memory that one thread of a team keeps from piece to piece.</summary>
internal sealed class Scratch
{
    private AlignedFloats floats = new(0);
    private long prepared = -1;

    /// <summary>Number of the phase that the thread works in.</summary>
    public long Phase { get; set; }

    /// <summary>The first elements of the scratch, aligned to a cache line. Contents survive from piece to piece unless a longer piece is asked for.</summary>
    public Span<float> Take(int length)
    {
        if (floats.Length < length)
        {
            floats = new AlignedFloats(length);
            prepared = -1;
        }

        return floats.Span[..length];
    }

    /// <summary>True for the first piece of a phase that this thread runs: what its pieces share is to be made.</summary>
    public bool Prepare()
    {
        var first = prepared != Phase;
        prepared = Phase;
        return first;
    }
}
