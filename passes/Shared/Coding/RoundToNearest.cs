namespace BiMamba.Passes.Shared.Coding;

/// <summary>Rounding of each weight to the nearest level of its grid, with no regard to the others.</summary>
public static class RoundToNearest
{
    /// <summary>Codes a weight.</summary>
    /// <param name="weight">Finite weights [rows, columns].</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="settings">How the levels are chosen.</param>
    /// <param name="group">Columns that share a grid in a row; 0 for the whole row.</param>
    /// <param name="options">Threads; the result does not depend on them.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static CodedWeight Quantize(
        ReadOnlyMemory<float> weight, int rows, int columns, GridSettings settings, int group, ParallelOptions options)
    {
        if (weight.Length != (long)rows * columns)
            throw new ArgumentException($"{weight.Length} weights are not {rows} rows of {columns}");
        var groups = CodedWeight.GroupCount(columns, group);
        var width = group == 0 ? columns : group;
        var grids = new GroupGrids(rows, groups, settings);
        for (var g = 0; g < groups; g++)
            grids.Find(weight, columns, g * width, Math.Min(width, columns - (g * width)), g, options);
        var codes = new byte[weight.Length];
        Parallel.For(0, rows, options, row =>
        {
            for (var g = 0; g < groups; g++)
            {
                var first = (row * columns) + (g * width);
                var count = Math.Min(width, columns - (g * width));
                Code(weight.Span.Slice(first, count), grids[row, g], codes.AsSpan(first, count));
            }
        });
        return new CodedWeight(rows, columns, settings.Bits, group, codes, grids.Scale, grids.Zero, order: null);
    }

    private static void Code(ReadOnlySpan<float> weights, MinMaxGrid grid, Span<byte> codes)
    {
        for (var i = 0; i < weights.Length; i++)
            codes[i] = grid.Code(weights[i]);
    }
}
