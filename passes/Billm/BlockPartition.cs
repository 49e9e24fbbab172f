namespace BiMamba.Passes.Billm;

/// <summary>How the weights of a block fall into salient columns, low region and high region.</summary>
/// <param name="First">First column of the block.</param>
/// <param name="Columns">Columns of the block.</param>
/// <param name="Salient">Marks of the salient columns, by column of the block.</param>
/// <param name="Border">The border between the regions, in units of the metric.</param>
internal sealed record BlockPartition(int First, int Columns, bool[] Salient, double Border)
{
    /// <summary>Searches the salient columns, then the border, in a metric with its sums by column.</summary>
    public static BlockPartition Search(MetricTile tile, double[] sums, int rows, int first, int upLim, ParallelOptions options)
    {
        var order = SalientSearch.Rank(sums);
        var count = SalientSearch.Count(tile, rows, order, Math.Min(upLim, tile.Columns), options);
        var salient = new bool[tile.Columns];
        foreach (var column in order.AsSpan(0, count))
            salient[column] = true;
        return new BlockPartition(first, tile.Columns, salient, BorderSearch.Find(tile, rows, salient, options));
    }

    /// <summary>Writes -1 for the low and +1 for the high region of a row; 0 in salient columns.</summary>
    public void WriteRegions(MetricTile tile, int row, Span<sbyte> regions)
    {
        double border = (float)Border;
        for (var j = 0; j < Columns; j++)
            regions[j] = Salient[j] ? (sbyte)0 : Math.Abs(tile.At(row, j)) >= border ? (sbyte)1 : (sbyte)-1;
    }
}
