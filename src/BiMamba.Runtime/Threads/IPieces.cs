namespace BiMamba.Runtime.Threads;

/// <summary>Work that falls into independent pieces. Which thread runs a piece, and when, changes no result.</summary>
internal interface IPieces
{
    /// <summary>Runs one piece.</summary>
    /// <param name="frame">The chunk of tokens.</param>
    /// <param name="piece">Index of the piece.</param>
    /// <param name="scratch">Memory of the thread that runs it.</param>
    void RunPiece(Frame frame, int piece, Scratch scratch);
}
