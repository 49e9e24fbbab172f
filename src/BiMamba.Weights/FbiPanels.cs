using System.Runtime.Intrinsics;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>
/// Rows of an FBI-Linear's weight, scale * sign(latent) + shift. With fidelity official-fp16 scale, shift and latent
/// are rounded to fp16 and so is the result, as the official evaluation computes it.
/// </summary>
public sealed class FbiPanels : PanelSource
{
    private readonly Tensor latent;
    private readonly bool byRow;
    private readonly bool throughHalf;
    private readonly float[] minus;
    private readonly float[] zero;
    private readonly float[] plus;

    /// <summary>Prepares the three levels of every column or row.</summary>
    public FbiPanels(Op op, Resource latent, Resource scale, Resource shift)
        : base(checked((int)latent.Shape[0]), checked((int)latent.Shape[1]))
    {
        this.latent = latent.Data;
        byRow = op.Word(Attributes.Pattern) == "row";
        throughHalf = op.Word(Attributes.Fidelity) == "official-fp16";
        var count = byRow ? Rows : Columns;
        (minus, zero, plus) = (new float[count], new float[count], new float[count]);
        var (scales, shifts) = (scale.Data.ToSingles(), shift.Data.ToSingles());
        for (var i = 0; i < count; i++)
        {
            var (a, b) = scales.Length == 1 ? (scales[0], shifts[0]) : (scales[i], shifts[i]);
            (minus[i], zero[i], plus[i]) = throughHalf
                ? ((float)((Half)b - (Half)a), (float)(Half)b, (float)((Half)b + (Half)a))
                : (b - a, b, b + a);
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Panel(int firstRow, int count, Span<float> buffer)
    {
        buffer = buffer[..(count * Columns)];
        latent.ReadSingles((long)firstRow * Columns, buffer);
        if (throughHalf && latent.Type != ElementType.F16)
        {
            foreach (ref var value in buffer)
                value = (float)(Half)value;
        }

        for (var row = 0; row < count; row++)
            SetWeights(buffer.Slice(row * Columns, Columns), firstRow + row);
        return buffer;
    }

    private void SetWeights(Span<float> values, int row)
    {
        var j = 0;
        for (; j <= values.Length - Vector512<float>.Count; j += Vector512<float>.Count)
        {
            var latents = Vector512.Create<float>(values[j..]);
            var atSign = Vector512.ConditionalSelect(
                Vector512.GreaterThan(latents, Vector512<float>.Zero), Levels(plus, row, j), Levels(minus, row, j));
            // Neither above nor below zero: a zero, or NaN, which stays NaN.
            var atZero = Levels(zero, row, j) + latents;
            var isSigned = Vector512.GreaterThan(Vector512.Abs(latents), Vector512<float>.Zero);
            Vector512.ConditionalSelect(isSigned, atSign, atZero).CopyTo(values[j..]);
        }

        for (; j < values.Length; j++)
            values[j] = Weight(values[j], byRow ? row : j);
    }

    private Vector512<float> Levels(float[] levels, int row, int column) =>
        byRow ? Vector512.Create(levels[row]) : Vector512.Create<float>(levels.AsSpan(column));

    private float Weight(float value, int index) =>
        value > 0 ? plus[index] : value < 0 ? minus[index] : zero[index] + value;
}
