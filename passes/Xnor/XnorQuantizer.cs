using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Xnor;

/// <summary>Signs with scales that are mean magnitudes (XNOR-Net, arXiv 1603.05279, section 3.1).</summary>
public static class XnorQuantizer
{
    /// <summary>Binarizes a weight. The sign of 0 is 0. Means are summed in fp64 and rounded to fp32.</summary>
    /// <param name="weight">W [rows, columns], finite.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="settings">Settings.</param>
    /// <returns>Scales and shifts by row, also for the whole tensor, or by column.</returns>
    public static SignWeight Quantize(ReadOnlySpan<float> weight, int rows, int columns, XnorSettings settings)
    {
        var center = settings.Center == XnorCenter.None ? null : AxisMeans.Mean(weight, rows, columns, settings.Scale);
        var scale = AxisMeans.MeanMagnitude(weight, rows, columns, settings.Scale, center);
        var sign = Signs(weight, rows, columns, settings.Scale, settings.Center == XnorCenter.Subtract ? center : null);
        var shift = settings.Center == XnorCenter.Restore ? center : null;
        return settings.Scale == ScaleAxis.Column
            ? new SignWeight(rows, columns, sign, null, scale, null, shift)
            : new SignWeight(rows, columns, sign, ByRow(scale, rows), null, shift is null ? null : ByRow(shift, rows), null);
    }

    private static sbyte[] Signs(ReadOnlySpan<float> weight, int rows, int columns, ScaleAxis axis, float[]? center)
    {
        var signs = new sbyte[weight.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var at = (row * columns) + column;
                signs[at] = (sbyte)weight[at].CompareTo(center?[AxisMeans.Index(row, column, axis)] ?? 0);
            }
        }

        return signs;
    }

    private static float[] ByRow(float[] values, int rows) => values.Length == rows ? values : [.. Enumerable.Repeat(values[0], rows)];
}
