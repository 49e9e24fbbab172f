using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Billm;

/// <summary>Binarizes a row of a block: both regions in one order, the salient columns in one or two.</summary>
internal sealed class BraqCoder : IBlockCoder
{
    /// <inheritdoc/>
    public void Code(int row, int block, BlockPartition partition, ReadOnlySpan<float> values, BraqWeight weight, Span<float> quantized)
    {
        var group = (row * weight.Blocks) + block;
        var scale = weight.Scale.AsSpan(group * BraqWeight.ScaleCount, BraqWeight.ScaleCount);
        var mean = weight.Mean.AsSpan(group * BraqWeight.MeanCount, BraqWeight.MeanCount);
        var at = (row * weight.Columns) + partition.First;
        var signs = weight.Sign.AsSpan(at, partition.Columns);
        var regions = weight.Region.AsSpan(at, partition.Columns);
        Span<int> columns = new int[partition.Columns];
        for (var region = 0; region < 2; region++)
        {
            var members = Members(partition.Salient, regions, region == 0 ? -1 : 1, columns);
            var binarized = Binarize(members, values, signs, default);
            (scale[region], mean[region]) = ((float)binarized.First, (float)binarized.Mean);
        }

        var salient = Members(partition.Salient, regions, 0, columns);
        var both = Binarize(salient, values, signs, weight.SalientOrders == 2 ? regions : default);
        (scale[2], scale[3], mean[2]) = ((float)both.First, (float)both.Second, (float)both.Mean);
        weight.DequantizeColumns(row, partition.First, partition.First + partition.Columns, quantized);
    }

    /// <summary>Columns of a region, or with 0 the salient ones.</summary>
    private static ReadOnlySpan<int> Members(bool[] salient, ReadOnlySpan<sbyte> regions, int region, Span<int> columns)
    {
        var count = 0;
        for (var j = 0; j < salient.Length; j++)
        {
            if (region == 0 ? salient[j] : !salient[j] && regions[j] == region)
                columns[count++] = j;
        }

        return columns[..count];
    }

    /// <summary>Binarizes the members; a second order where there is room for its signs. The mean is that of all orders.</summary>
    private static (double First, double Second, double Mean) Binarize(ReadOnlySpan<int> members, ReadOnlySpan<float> values, Span<sbyte> signs, Span<sbyte> secondSigns)
    {
        Span<double> residual = new double[members.Length];
        Span<sbyte> found = new sbyte[members.Length];
        for (var i = 0; i < members.Length; i++)
            residual[i] = values[members[i]];
        var (first, mean) = ResidualBinarization.Step(residual, found);
        Scatter(found, members, signs);
        if (secondSigns.IsEmpty)
            return (first, 0, mean);
        var (second, secondMean) = ResidualBinarization.Step(residual, found);
        Scatter(found, members, secondSigns);
        return (first, second, mean + secondMean);
    }

    private static void Scatter(ReadOnlySpan<sbyte> signs, ReadOnlySpan<int> members, Span<sbyte> row)
    {
        for (var i = 0; i < members.Length; i++)
            row[members[i]] = signs[i];
    }
}
