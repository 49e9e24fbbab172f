using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Ternary;

/// <summary>
/// Ternary weights by the mean magnitude (BitNet b1.58, arXiv 2402.17764, equations 1 to 3): gamma = mean|W|,
/// T = clamp(round(W / (gamma + epsilon)), -1, 1), W ~ gamma T.
/// </summary>
/// <remarks>
/// The paper names a small epsilon and no number; 1e-5 is the number of the code its authors gave out with their training
/// notes, which bounds gamma from below by it instead of adding it. The rounding is half to even.
/// </remarks>
public static class Absmean
{
    /// <summary>What is added to gamma before the division.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>Quantizes a weight. Means are summed in fp64 and rounded to fp32; the division is in fp32.</summary>
    /// <param name="weight">W [rows, columns], finite.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="axis">The tensor, as in the paper, or the row; not the column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The axis is the column.</exception>
    public static TernaryWeight Quantize(ReadOnlySpan<float> weight, int rows, int columns, ScaleAxis axis)
    {
        if (axis == ScaleAxis.Column)
            throw new ArgumentOutOfRangeException(nameof(axis), axis, "a ternary weight has no column scales");
        var gamma = AxisMeans.MeanMagnitude(weight, rows, columns, axis, center: null);
        var trits = new sbyte[weight.Length];
        for (var at = 0; at < trits.Length; at++)
        {
            var scaled = weight[at] / (gamma[AxisMeans.Index(at / columns, at % columns, axis)] + Epsilon);
            trits[at] = (sbyte)Math.Clamp(MathF.Round(scaled, MidpointRounding.ToEven), -1, 1);
        }

        return new TernaryWeight(rows, columns, trits, gamma);
    }
}
