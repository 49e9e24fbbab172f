using BiMamba.Kernels;

namespace BiMamba.Runtime.Nodes;

/// <summary>What all rows of a <c>sign_linear</c> need of its input: the input scaled by columns, and sums of a token.</summary>
internal sealed class SignLinearSums : RowwiseNode
{
    private readonly SignLinearVectors vectors;
    private readonly float[] ones;
    private readonly Slot x;

    /// <summary>Takes the slots.</summary>
    public SignLinearSums(SignLinearVectors vectors, Slot x, int columns, Func<long, Slot> temporary)
    {
        this.vectors = vectors;
        this.x = x;
        Scaled = vectors.ColumnScale is null ? x : temporary(columns);
        AtZeros = vectors.MinusZeroShift is null ? default : temporary(columns);
        Sums = temporary(2);
        ones = vectors.RowShift is null ? [] : [.. Enumerable.Repeat(1f, columns)];
    }

    /// <summary>column_scale * x.</summary>
    public Slot Scaled { get; }

    /// <summary>-zero_shift * x, where the op has one.</summary>
    public Slot AtZeros { get; }

    /// <summary>column_shift . x and sum(x).</summary>
    public Slot Sums { get; }

    /// <summary>False where nothing reads <see cref="Scaled"/>.</summary>
    public bool WithScaled { get; set; }

    /// <inheritdoc/>
    protected override void RunRows(Frame frame, int first, int count)
    {
        var input = frame.Read(x).Slice(first, count);
        if (WithScaled && vectors.ColumnScale is { } scale)
            Multiply(input, scale, frame.Write(Scaled).Slice(first, count));
        if (vectors.MinusZeroShift is { } shift)
            Multiply(input, shift, frame.Write(AtZeros).Slice(first, count));
        if (vectors.ColumnShift is { } columnShift)
            RowProduct.Multiply(input, columnShift, frame.Write(Sums, 0, 1).Slice(first, count));
        if (vectors.RowShift is not null)
            RowProduct.Multiply(input, ones, frame.Write(Sums, 1, 1).Slice(first, count));
    }

    private static void Multiply(Rows input, float[] factors, MutableRows output)
    {
        for (var t = 0; t < input.Count; t++)
            Elementwise.Multiply(input[t], factors, output[t]);
    }
}
