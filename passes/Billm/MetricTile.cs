using System.Runtime.Intrinsics;
using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Billm;

/// <summary>
/// The metric of a block of columns, four rows side by side: [row groups, columns, 4] in fp64. Sums over columns run in
/// the lanes of a vector, a row in each, and so have the order of the columns on every machine.
/// </summary>
/// <remarks>The values are those of fp32 arithmetic. Rows beyond the last are zero and add nothing to any error.</remarks>
internal sealed class MetricTile
{
    /// <summary>Rows of a group.</summary>
    public const int Lanes = 4;

    private readonly double[] values;
    private readonly int rows;

    /// <summary>A tile for up to a number of columns, used for one block after the other.</summary>
    public MetricTile(int rows, int maximalColumns)
    {
        this.rows = rows;
        values = new double[checked((rows + Lanes - 1) / Lanes * Lanes * maximalColumns)];
    }

    /// <summary>Columns of the block that is held.</summary>
    public int Columns { get; private set; }

    /// <summary>Takes in the columns from <paramref name="first"/> of a weight [rows, stride].</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="stride">Columns of the weight.</param>
    /// <param name="first">First column of the block.</param>
    /// <param name="columns">Columns of the block.</param>
    /// <param name="diagonal">U_jj of the block's columns.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="options">Threads.</param>
    /// <returns>sum over rows of |T|, by column.</returns>
    public double[] Fill(float[] weight, int stride, int first, int columns, ReadOnlyMemory<float> diagonal, SalientMetric metric, ParallelOptions options)
    {
        Columns = columns;
        var partial = new double[RowChunks.Count(rows) * columns];
        RowChunks.ForEach(rows, options, (chunk, from, to) =>
        {
            var sums = partial.AsSpan(chunk * columns, columns);
            for (var row = from; row < to; row++)
            {
                var source = weight.AsSpan((row * stride) + first, columns);
                var target = Group(row / Lanes);
                for (var j = 0; j < columns; j++)
                {
                    var value = metric == SalientMetric.Hessian ? Sensitivity(source[j], diagonal.Span[j]) : source[j];
                    target[(j * Lanes) + (row % Lanes)] = value;
                    sums[j] += Math.Abs((double)value);
                }
            }
        });
        ClearPadding();
        return RowChunks.Sum(partial, columns);
    }

    /// <summary>Four rows [columns, 4].</summary>
    public Span<double> Group(int group) => values.AsSpan(group * Columns * Lanes, Columns * Lanes);

    /// <summary>The metric of a weight.</summary>
    public double At(int row, int column) => values[(((row / Lanes * Columns) + column) * Lanes) + (row % Lanes)];

    /// <summary>Copies four rows, the columns in the order given.</summary>
    public void Gather(int group, ReadOnlySpan<int> columns, Span<Vector256<double>> destination)
    {
        var source = Group(group);
        for (var j = 0; j < columns.Length; j++)
            destination[j] = Vector256.Create<double>(source.Slice(columns[j] * Lanes, Lanes));
    }

    private static float Sensitivity(float weight, float diagonal) => weight * weight / (diagonal * diagonal);

    private void ClearPadding()
    {
        if (rows % Lanes == 0)
            return;
        var last = Group(rows / Lanes);
        for (var at = 0; at < last.Length; at++)
        {
            if (at % Lanes >= rows % Lanes)
                last[at] = 0;
        }
    }
}
