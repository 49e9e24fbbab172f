using BiMamba.Runtime.Threads;

namespace BiMamba.Runtime.Nodes;

/// <summary>An op that carries a state along a sequence: shared out by sequences and ranges of channels or heads.</summary>
/// <param name="length">Channels or heads.</param>
/// <param name="grain">Ranges begin at multiples of this.</param>
internal abstract class SequenceNode(int length, int grain) : Node, IPieces
{
    // More pieces than threads even out what other programs take from a core.
    private const int PiecesPerThread = 4;
    private int perPiece;
    private int ranges;

    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        (perPiece, ranges) = Ranges.Cut(length, grain, Math.Max(1, frame.Team.Threads * PiecesPerThread / frame.Sequences));
        frame.Team.Run(this, frame, frame.Sequences * ranges);
    }

    /// <inheritdoc/>
    public void RunPiece(Frame frame, int piece, Scratch scratch)
    {
        var first = piece % ranges * perPiece;
        RunRange(frame, piece / ranges, first, Math.Min(perPiece, length - first));
    }

    /// <summary>Computes a range of channels or heads of one sequence and moves its state on.</summary>
    protected abstract void RunRange(Frame frame, int sequence, int first, int count);
}
