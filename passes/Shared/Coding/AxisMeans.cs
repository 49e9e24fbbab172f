namespace BiMamba.Passes.Shared.Coding;

/// <summary>Means of a weight [rows, columns] by row, by column or over all, in fp64 and in the order of memory.</summary>
internal static class AxisMeans
{
    /// <summary>The number of scales.</summary>
    public static int Count(int rows, int columns, ScaleAxis axis) => axis switch
    {
        ScaleAxis.Row => rows,
        ScaleAxis.Column => columns,
        ScaleAxis.Tensor => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, null),
    };

    /// <summary>The scale that a weight shares.</summary>
    public static int Index(int row, int column, ScaleAxis axis) => axis switch
    {
        ScaleAxis.Row => row,
        ScaleAxis.Column => column,
        ScaleAxis.Tensor => 0,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, null),
    };

    /// <summary>Means of W, rounded to fp32.</summary>
    public static float[] Mean(ReadOnlySpan<float> weight, int rows, int columns, ScaleAxis axis) =>
        Mean(weight, rows, columns, axis, center: null, magnitude: false);

    /// <summary>Means of |W - center|, rounded to fp32.</summary>
    /// <param name="weight">W.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="axis">What shares a mean.</param>
    /// <param name="center">One value a scale, or null for 0.</param>
    public static float[] MeanMagnitude(ReadOnlySpan<float> weight, int rows, int columns, ScaleAxis axis, float[]? center) =>
        Mean(weight, rows, columns, axis, center, magnitude: true);

    private static float[] Mean(ReadOnlySpan<float> weight, int rows, int columns, ScaleAxis axis, float[]? center, bool magnitude)
    {
        var sums = new double[Count(rows, columns, axis)];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var index = Index(row, column, axis);
                var value = weight[(row * columns) + column] - (double)(center?[index] ?? 0);
                sums[index] += magnitude ? Math.Abs(value) : value;
            }
        }

        var members = (double)weight.Length / sums.Length;
        return Array.ConvertAll(sums, sum => (float)(sum / members));
    }
}
