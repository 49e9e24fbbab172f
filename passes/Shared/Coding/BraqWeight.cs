namespace BiMamba.Passes.Shared.Coding;

/// <summary>
/// A weight in the form of BiLLM's block residual approximation (arXiv 2402.04291, section 3): per row and block of
/// columns, two regions of plain signs by magnitude and, in the salient columns, signs of one or two orders.
/// </summary>
/// <remarks>
/// <para>
/// With s the sign and t the second-order sign, a weight is mean + scale * s in a region, and
/// mean + scale_1 * s + scale_2 * t in a salient column, where mean is the sum of the means of both orders. A sign of 0,
/// which a weight equal to its mean has, leaves the mean.
/// </para>
/// <para>Both regions have one order: BiLLM's orders of more than 1 outside the salient columns have no place here.</para>
/// </remarks>
public sealed record BraqWeight
{
    /// <summary>Scales of a row and block: low region, high region, salient first order, salient second order.</summary>
    public const int ScaleCount = 4;

    /// <summary>Means of a row and block: low region, high region, salient (all orders together).</summary>
    public const int MeanCount = 3;

    /// <summary>A weight from its parts, which are kept, not copied.</summary>
    /// <param name="rows">Rows, the outputs.</param>
    /// <param name="columns">Columns, the inputs.</param>
    /// <param name="block">Columns of a block; the last block may be narrower.</param>
    /// <param name="sign">First-order signs -1, 0, +1 [rows, columns].</param>
    /// <param name="region">See <see cref="Region"/> [rows, columns].</param>
    /// <param name="salient">Marks of the salient columns [columns].</param>
    /// <param name="scale">Scales [rows, blocks, 4].</param>
    /// <param name="mean">Means [rows, blocks, 3].</param>
    /// <param name="salientOrders">Orders of the salient columns, 1 or 2.</param>
    /// <exception cref="ArgumentException">A length does not follow from rows, columns and block.</exception>
    public BraqWeight(int rows, int columns, int block, sbyte[] sign, sbyte[] region, bool[] salient, float[] scale, float[] mean, int salientOrders)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(block, 1);
        if (salientOrders is not (1 or 2))
            throw new ArgumentOutOfRangeException(nameof(salientOrders), salientOrders, "one or two orders");
        (Rows, Columns, Block, SalientOrders) = (rows, columns, block, salientOrders);
        (Sign, Region, Salient, Scale, Mean) = (sign, region, salient, scale, mean);
        RequireLength(sign.Length, (long)rows * columns, nameof(sign));
        RequireLength(region.Length, (long)rows * columns, nameof(region));
        RequireLength(salient.Length, columns, nameof(salient));
        RequireLength(scale.Length, (long)rows * Blocks * ScaleCount, nameof(scale));
        RequireLength(mean.Length, (long)rows * Blocks * MeanCount, nameof(mean));
    }

    /// <summary>Rows, the outputs.</summary>
    public int Rows { get; }

    /// <summary>Columns, the inputs.</summary>
    public int Columns { get; }

    /// <summary>Columns of a block; the last block may be narrower.</summary>
    public int Block { get; }

    /// <summary>Blocks of a row.</summary>
    public int Blocks => (Columns / Block) + (Columns % Block == 0 ? 0 : 1);

    /// <summary>First-order signs -1, 0, +1 [rows, columns].</summary>
    public sbyte[] Sign { get; }

    /// <summary>
    /// [rows, columns]: -1 for a weight of the low region, +1 for one of the high region, and in a salient column the
    /// second-order sign -1, 0, +1, which is 0 throughout where <see cref="SalientOrders"/> is 1.
    /// </summary>
    public sbyte[] Region { get; }

    /// <summary>Marks of the salient columns [columns].</summary>
    public bool[] Salient { get; }

    /// <summary>Scales [rows, blocks, 4] in the order of <see cref="ScaleCount"/>.</summary>
    public float[] Scale { get; private init; }

    /// <summary>Means [rows, blocks, 3] in the order of <see cref="MeanCount"/>.</summary>
    public float[] Mean { get; private init; }

    /// <summary>Orders of the salient columns, 1 or 2.</summary>
    public int SalientOrders { get; }

    /// <summary>The weight [rows, columns]: summed in fp64 and rounded once.</summary>
    public float[] Dequantize()
    {
        var weight = new float[Sign.Length];
        for (var row = 0; row < Rows; row++)
            DequantizeColumns(row, 0, Columns, weight.AsSpan(row * Columns, Columns));
        return weight;
    }

    /// <summary>The columns from <paramref name="first"/> to before <paramref name="end"/> of a row, as <see cref="Dequantize"/> gives them.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">The first column.</param>
    /// <param name="end">The column after the last.</param>
    /// <param name="destination">Receives end - first weights.</param>
    public void DequantizeColumns(int row, int first, int end, Span<float> destination)
    {
        for (var column = first; column < end; column++)
        {
            var at = (row * Columns) + column;
            var group = (row * Blocks) + (column / Block);
            var scale = Scale.AsSpan(group * ScaleCount, ScaleCount);
            var mean = Mean.AsSpan(group * MeanCount, MeanCount);
            var region = Region[at] > 0 ? 1 : 0;
            destination[column - first] = Salient[column]
                ? (float)(mean[2] + ((double)scale[2] * Sign[at]) + ((double)scale[3] * Region[at]))
                : (float)(mean[region] + ((double)scale[region] * Sign[at]));
        }
    }

    /// <summary>The same signs with scales and means rounded to fp16, as files store them; beyond 65504 they become infinite.</summary>
    public BraqWeight WithHalfScales() => this with { Scale = ToHalf(Scale), Mean = ToHalf(Mean) };

    private static float[] ToHalf(float[] values) => Array.ConvertAll(values, value => (float)(Half)value);

    private static void RequireLength(long length, long expected, string name)
    {
        if (length != expected)
            throw new ArgumentException($"{length} elements, not {expected}", name);
    }
}
