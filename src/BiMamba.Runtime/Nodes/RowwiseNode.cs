using BiMamba.Runtime.Threads;

namespace BiMamba.Runtime.Nodes;

/// <summary>An op that treats every token alone: a few are done where they are, many are shared out.</summary>
internal abstract class RowwiseNode : Node, IPieces
{
    private const int TokenGrain = 8;

    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        if (frame.Tokens <= TokenGrain)
            RunRows(frame, 0, frame.Tokens);
        else
            frame.Team.Run(this, frame, (frame.Tokens + TokenGrain - 1) / TokenGrain);
    }

    /// <inheritdoc/>
    public void RunPiece(Frame frame, int piece, Scratch scratch) =>
        RunRows(frame, piece * TokenGrain, Math.Min(TokenGrain, frame.Tokens - (piece * TokenGrain)));

    /// <summary>Computes the results of some tokens.</summary>
    protected abstract void RunRows(Frame frame, int first, int count);
}
