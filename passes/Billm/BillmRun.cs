using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Billm;

/// <summary>The binarization of one weight, block after block.</summary>
internal sealed class BillmRun
{
    private readonly float[] weight;
    private readonly float[] factor;
    private readonly float[] diagonal;
    private readonly float[] dequantized;
    private readonly BillmSettings settings;
    private readonly IBlockCoder coder;
    private readonly ParallelOptions options;
    private readonly MetricTile tile;
    private readonly BraqWeight result;

    /// <summary>A run over a weight [rows, columns], which it changes.</summary>
    public BillmRun(float[] weight, int rows, int columns, float[] factor, BillmSettings settings, IBlockCoder coder, ParallelOptions options)
    {
        (this.weight, this.factor, this.settings, this.coder, this.options) = (weight, factor, settings, coder, options);
        var blocks = (columns + settings.Block - 1) / settings.Block;
        diagonal = new float[columns];
        for (var j = 0; j < columns; j++)
            diagonal[j] = factor[((long)j * columns) + j];
        dequantized = new float[weight.Length];
        tile = new MetricTile(rows, Math.Min(settings.Block, columns));
        result = new BraqWeight(
            rows,
            columns,
            settings.Block,
            new sbyte[weight.Length],
            new sbyte[weight.Length],
            new bool[columns],
            new float[rows * blocks * BraqWeight.ScaleCount],
            new float[rows * blocks * BraqWeight.MeanCount],
            settings.SalientOrders);
    }

    /// <summary>Binarizes all blocks.</summary>
    public BillmResult Quantize()
    {
        var splits = new double[result.Blocks];
        var counts = new int[result.Blocks];
        double loss = 0;
        for (var block = 0; block < result.Blocks; block++)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            var first = block * settings.Block;
            var end = Math.Min(first + settings.Block, result.Columns);
            var sums = tile.Fill(weight, result.Columns, first, end - first, diagonal.AsMemory(first, end - first), settings.Metric, options);
            var partition = BlockPartition.Search(tile, sums, result.Rows, first, settings.UpLim, options);
            partition.Salient.CopyTo(result.Salient, first);
            splits[block] = partition.Border;
            counts[block] = partition.Salient.Count(marked => marked);
            loss += Code(block, partition, out var error);
            if (settings.Feedback)
                ErrorFeedback.Apply(weight, result.Columns, error, factor, first, end, options);
        }

        return new BillmResult(result, dequantized, loss, splits, counts);
    }

    /// <summary>Codes the rows of a block; gives their errors over U_jj [rows, block columns] and half the sum of the squares.</summary>
    private double Code(int block, BlockPartition partition, out float[] error)
    {
        var (first, width) = (partition.First, partition.Columns);
        var errors = new float[result.Rows * width];
        var partial = new double[RowChunks.Count(result.Rows)];
        RowChunks.ForEach(result.Rows, options, (chunk, from, to) =>
        {
            for (var row = from; row < to; row++)
            {
                var at = (row * result.Columns) + first;
                var values = weight.AsSpan(at, width);
                var quantized = dequantized.AsSpan(at, width);
                partition.WriteRegions(tile, row, result.Region.AsSpan(at, width));
                coder.Code(row, block, partition, values, result, quantized);
                for (var j = 0; j < width; j++)
                {
                    var scaled = ((double)values[j] - quantized[j]) / diagonal[first + j];
                    errors[(row * width) + j] = (float)scaled;
                    partial[chunk] += scaled * scaled / 2;
                }
            }
        });
        error = errors;
        return RowChunks.Sum(partial, 1)[0];
    }
}
