using BiMamba.Kernels;
using BiMamba.Runtime.Planes;

namespace BiMamba.Runtime.Nodes;

/// <summary>The optional vectors of a <c>sign_linear</c> and the slots that it needs for them.</summary>
internal sealed class SignLinearVectors
{
    /// <summary>[columns], multiplies x before the plane.</summary>
    public float[]? ColumnScale { get; init; }

    /// <summary>[columns], gives one sum a token.</summary>
    public float[]? ColumnShift { get; init; }

    /// <summary>[rows], multiplies the sums of the plane.</summary>
    public float[]? RowScale { get; init; }

    /// <summary>[rows], multiplies the sum of x.</summary>
    public float[]? RowShift { get; init; }

    /// <summary>[columns], minus zero_shift.</summary>
    public float[]? MinusZeroShift { get; init; }

    /// <summary>[rows].</summary>
    public float[]? Bias { get; init; }
}

/// <summary>y = row_scale * S (column_scale x) + column_shift . x + row_shift * sum(x) + zero_shift at the zeros of S + bias.</summary>
internal sealed class SignLinearNode : Node
{
    private readonly SignPlane plane;
    private readonly SignLinearVectors vectors;
    private readonly float[] ones;
    private readonly Slot x;
    private readonly Slot y;
    private readonly Slot scaled;
    private readonly Slot atZeros;
    private readonly Slot sums;

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
        scaled = vectors.ColumnScale is null ? x : temporary(plane.Columns);
        atZeros = vectors.MinusZeroShift is null ? default : temporary(plane.Columns);
        sums = temporary(2);
        ones = vectors.RowShift is null ? [] : [.. Enumerable.Repeat(1f, plane.Columns)];
    }

    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        Prepare(frame);
        frame.Workers.ForRange(plane.Rows, SignPlane.RowGrain, plane.ScratchLength(frame.Tokens), (first, count, scratch) =>
        {
            var output = frame.Write(y, first, count);
            plane.Multiply(frame.Read(scaled), first, output, scratch);
            if (vectors.RowScale is { } rowScale)
                EachToken(output, rowScale.AsSpan(first, count), static (row, values) => Elementwise.Multiply(row, values, row));
            if (vectors.MinusZeroShift is not null)
                plane.SubtractAtZeros(frame.Read(atZeros), first, output, scratch);
            AddSums(frame, first, output);
            if (vectors.Bias is { } bias)
                EachToken(output, bias.AsSpan(first, count), static (row, values) => Elementwise.Add(row, values, row));
        });
    }

    private void Prepare(Frame frame)
    {
        var input = frame.Read(x);
        if (vectors.ColumnScale is { } scale)
            Multiply(input, scale, frame.Write(scaled));
        if (vectors.MinusZeroShift is { } shift)
            Multiply(input, shift, frame.Write(atZeros));
        if (vectors.ColumnShift is { } columnShift)
            RowProduct.Multiply(input, columnShift, frame.Write(sums, 0, 1));
        if (vectors.RowShift is not null)
            RowProduct.Multiply(input, ones, frame.Write(sums, 1, 1));
    }

    private void AddSums(Frame frame, int first, MutableRows output)
    {
        var tokenSums = frame.Read(sums);
        for (var t = 0; t < output.Count; t++)
        {
            var row = output[t];
            if (vectors.ColumnShift is not null)
            {
                var shift = tokenSums[t][0];
                for (var i = 0; i < row.Length; i++)
                    row[i] += shift;
            }

            if (vectors.RowShift is { } rowShift)
            {
                var sum = tokenSums[t][1];
                for (var i = 0; i < row.Length; i++)
                    row[i] = MathF.FusedMultiplyAdd(rowShift[first + i], sum, row[i]);
            }
        }
    }

    private static void Multiply(Rows input, float[] factors, MutableRows output)
    {
        for (var t = 0; t < input.Count; t++)
            Elementwise.Multiply(input[t], factors, output[t]);
    }

    private static void EachToken(MutableRows output, ReadOnlySpan<float> values, Action<Span<float>, ReadOnlySpan<float>> apply)
    {
        for (var t = 0; t < output.Count; t++)
            apply(output[t], values);
    }
}
