using BiMamba.Kernels;
using BiMamba.Runtime.Threads;
using BiMamba.Weights;

namespace BiMamba.Runtime.Nodes;

/// <summary>
/// A linear by rows of its weight: y = W x + bias. For a few tokens the rows are multiplied as they are stored; for
/// more, or where they are computed on the way, a panel of them is widened to fp32 first. The bits are the same.
/// </summary>
internal sealed class RowProductNode(PanelSource weight, float[]? bias, Slot x, Slot y) : Node, IPieces
{
    private const int PanelRows = 64;

    // With more, each widening of a stored row serves too few tokens.
    private const int MostStoredTokens = 4;

    /// <inheritdoc/>
    public override void Run(Frame frame) => frame.Team.Run(this, frame, (weight.Rows + PanelRows - 1) / PanelRows);

    /// <inheritdoc/>
    public void RunPiece(Frame frame, int piece, Scratch scratch)
    {
        var first = piece * PanelRows;
        var rows = Math.Min(PanelRows, weight.Rows - first);
        var input = frame.Read(x);
        var output = frame.Write(y, first, rows);
        if (input.Count <= MostStoredTokens && weight.TryGetStored(first, rows, out var stored))
            StoredRowProduct.Multiply(input, stored, output);
        else
            MultiplyPanel(input, first, output, scratch);
        if (bias is null)
            return;
        for (var t = 0; t < output.Count; t++)
            Elementwise.Add(output[t], bias.AsSpan(first, rows), output[t]);
    }

    private void MultiplyPanel(Rows input, int first, MutableRows output, Scratch scratch)
    {
        var packed = RowProduct.ScratchLength(input.Count, PanelRows, weight.Columns);
        var floats = scratch.Take(packed + (PanelRows * weight.Columns));
        RowProduct.Multiply(input, weight.Panel(first, output.Width, floats[packed..]), output, floats[..packed]);
    }
}
