using BiMamba.Kernels;
using BiMamba.Runtime.Planes;
using BiMamba.Runtime.Threads;

namespace BiMamba.Runtime.Nodes;

/// <summary>y = row_scale * S (column_scale x) + column_shift . x + row_shift * sum(x) + zero_shift at the zeros of S + bias.</summary>
internal sealed class SignLinearNode : Node, IPieces
{
    private const int MostTiles = 8;
    private const int PiecesPerThread = 4;

    private readonly SignPlane plane;
    private readonly SignLinearVectors vectors;
    private readonly SignLinearSums prepare;
    private readonly Slot x;
    private readonly Slot y;
    private bool isFixed;
    private int perPiece;
    private int ranges;
    private int pieceTokens;

    /// <summary>A linear with its temporary slots.</summary>
    /// <param name="plane">The signs.</param>
    /// <param name="vectors">The vectors that it has.</param>
    /// <param name="x">Input.</param>
    /// <param name="y">Result.</param>
    /// <param name="temporary">Gives a slot of a width for the duration of the block.</param>
    public SignLinearNode(SignPlane plane, SignLinearVectors vectors, Slot x, Slot y, Func<long, Slot> temporary)
    {
        this.plane = plane;
        this.vectors = vectors;
        this.x = x;
        this.y = y;
        prepare = new SignLinearSums(vectors, x, plane.Columns, temporary);
    }

    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        isFixed = plane.HasFixed && frame.Engine == Engine.Fast;
        prepare.WithScaled = !isFixed || plane.HasZeros;
        prepare.Run(frame);
        var pieces = frame.Team.Threads * PiecesPerThread;
        if (isFixed)
        {
            // Tables of a tile of tokens are made again for each range of rows: as few ranges as keep all threads at work.
            var tiles = (frame.Tokens + FixedSignProduct.TileTokens - 1) / FixedSignProduct.TileTokens;
            var most = Math.Max(plane.FixedRanges, (pieces + tiles - 1) / tiles);
            (perPiece, ranges) = Ranges.Cut(plane.Rows, most * FixedSignProduct.BestRowGrain <= plane.Rows ? FixedSignProduct.BestRowGrain : FixedSignProduct.RowGrain, most);
            pieceTokens = FixedSignProduct.TileTokens * Math.Clamp(tiles * ranges / pieces, 1, MostTiles);
        }
        else
        {
            (perPiece, ranges) = Ranges.Cut(plane.Rows, SignPlane.RowGrain, pieces);
            pieceTokens = frame.Tokens;
        }

        frame.Team.Run(this, frame, ranges * ((frame.Tokens + pieceTokens - 1) / pieceTokens));
    }

    /// <inheritdoc/>
    public void RunPiece(Frame frame, int piece, Scratch scratch)
    {
        var first = piece % ranges * perPiece;
        var rows = Math.Min(perPiece, plane.Rows - first);
        var token = piece / ranges * pieceTokens;
        var tokens = Math.Min(pieceTokens, frame.Tokens - token);
        var output = frame.Write(y, first, rows).Slice(token, tokens);
        var scaled = frame.Read(prepare.Scaled).Slice(token, tokens);
        if (isFixed && frame.Tokens == 1)
            plane.MultiplyFixedToken(frame.Read(x)[0], vectors.ColumnScale, first, output[0], scratch);
        else if (isFixed)
            plane.MultiplyFixed(frame.Read(x).Slice(token, tokens), vectors.ColumnScale, first, output, scratch);
        else
            plane.Multiply(scaled, first, output, scratch);
        if (plane.HasZeros)
            plane.SubtractAtZeros(scaled, first, output, scratch);
        if (vectors.RowScale is { } rowScale)
        {
            for (var t = 0; t < tokens; t++)
                Elementwise.Multiply(output[t], rowScale.AsSpan(first, rows), output[t]);
        }

        if (vectors.MinusZeroShift is not null)
            plane.SubtractAtZeros(frame.Read(prepare.AtZeros).Slice(token, tokens), first, output, scratch);
        AddSums(frame.Read(prepare.Sums).Slice(token, tokens), first, output);
        if (vectors.Bias is { } bias)
        {
            for (var t = 0; t < tokens; t++)
                Elementwise.Add(output[t], bias.AsSpan(first, rows), output[t]);
        }
    }

    private void AddSums(Rows sums, int first, MutableRows output)
    {
        for (var t = 0; t < output.Count; t++)
        {
            var row = output[t];
            if (vectors.ColumnShift is not null)
                Elementwise.Offset(row, sums[t][0], row);
            if (vectors.RowShift is { } rowShift)
                Elementwise.MultiplyAdd(rowShift.AsSpan(first, row.Length), sums[t][1], row);
        }
    }
}
