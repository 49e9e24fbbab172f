namespace BiMamba.Runtime;

/// <summary>One scan of a model and the shape of the state that it carries. The slots of a model stand in order of execution.</summary>
/// <param name="Block">Name of the scan's block.</param>
/// <param name="Value">Name of the value that the scan defines, unique in its block.</param>
/// <param name="Heads">Heads of Mamba-2; 0 in Mamba-1, whose channels decay each for itself.</param>
/// <param name="StateSize">State dimensions N of a channel.</param>
/// <param name="Channels">Channels P of a head; all channels in Mamba-1.</param>
public sealed record ScanSlot(string Block, string Value, int Heads, int StateSize, int Channels)
{
    /// <summary>True where the state is [heads][n][p]; without heads it is [n][channels].</summary>
    public bool HasHeads => Heads > 0;

    /// <summary>Parts of the state that lie side by side, each [n][channels]: the heads, or the whole.</summary>
    public int Parts => Math.Max(1, Heads);

    /// <summary>Elements of a part.</summary>
    public int PartLength => StateSize * Channels;

    /// <summary>True for a scan whose state has the same shape.</summary>
    public bool HasShapeOf(ScanSlot other) => (Heads, StateSize, Channels) == (other.Heads, other.StateSize, other.Channels);
}
