using BiMamba.Kernels;
using BiMamba.Runtime.Threads;
using BiMamba.Weights;

namespace BiMamba.Runtime.Nodes;

/// <summary>
/// A <c>code_linear</c>: the fast engine multiplies bit planes as they lie, by exact sums of rounded activations; the reference
/// engine multiplies the weights that the codes stand for, in fp32.
/// </summary>
internal sealed class CodeLinearNode(CodeLinearPanels weight, float[]? bias, Slot x, Slot y) : Node, IPieces
{
    private const int PiecesPerThread = 4;
    private const int MostTiles = 8;

    // Each range of rows rounds the activations of its tokens again.
    private const int WideRows = 512;

    private readonly RowProductNode widened = new(weight, bias, x, y);
    private int perPiece;
    private int ranges;
    private int pieceTokens;

    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        if (!weight.IsPacked || frame.Engine != Engine.Fast)
        {
            widened.Run(frame);
            return;
        }

        var pieces = frame.Team.Threads * PiecesPerThread;
        var tiles = (frame.Tokens + FixedCodeProduct.TileTokens - 1) / FixedCodeProduct.TileTokens;
        (perPiece, ranges) = Ranges.Cut(weight.Rows, FixedCodeProduct.RowGrain, frame.Tokens == 1 ? pieces : Math.Clamp((pieces + tiles - 1) / tiles, 1, Math.Max(1, weight.Rows / WideRows)));
        pieceTokens = FixedCodeProduct.TileTokens * Math.Clamp(tiles * ranges / pieces, 1, MostTiles);
        frame.Team.Run(this, frame, ranges * ((frame.Tokens + pieceTokens - 1) / pieceTokens));
    }

    /// <inheritdoc/>
    public void RunPiece(Frame frame, int piece, Scratch scratch)
    {
        var first = piece % ranges * perPiece;
        var token = piece / ranges * pieceTokens;
        var tokens = Math.Min(pieceTokens, frame.Tokens - token);
        var output = frame.Write(y, first, Math.Min(perPiece, weight.Rows - first)).Slice(token, tokens);
        if (frame.Tokens == 1)
            MultiplyToken(frame.Read(x)[0], first, output[0], scratch);
        else
            Multiply(frame.Read(x).Slice(token, tokens), first, output, scratch);
        for (var t = 0; bias is not null && t < tokens; t++)
            Elementwise.Add(output[t], bias.AsSpan(first, output.Width), output[t]);
    }

    /// <summary>y[t, i] of some rows, by exact sums of rounded activations.</summary>
    private void Multiply(Rows x, int firstRow, MutableRows y, Scratch scratch) => FixedCodeProduct.Multiply(
        weight.Planes, weight.Bits, weight.Rows, x, weight.Scales, firstRow / SignTiles.TileRows, y, scratch.Take(FixedCodeProduct.ScratchLength(weight.Columns, weight.Group)));

    /// <summary>The same for the only token of a phase, whose pieces all have it.</summary>
    private void MultiplyToken(ReadOnlySpan<float> x, int firstRow, Span<float> y, Scratch scratch)
    {
        // All pieces of a phase take the same length, or the tables would not survive.
        var length = FixedCodeProduct.TableLength(weight.Columns, weight.Group);
        var memory = scratch.Take(length + FixedCodeProduct.TokenScratchLength(weight.Columns, weight.Group));
        if (scratch.Prepare())
            FixedCodeProduct.BuildTables(x, weight.Group, memory[..length]);
        FixedCodeProduct.Accumulate(weight.Planes, weight.Bits, weight.Rows, memory[..length], weight.Scales, firstRow / SignTiles.TileRows, y, memory[length..]);
    }
}
