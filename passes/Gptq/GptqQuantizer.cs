using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Gptq;

/// <summary>
/// GPTQ (arXiv 2210.17323): columns are rounded one after the other, and the error of each is spread over the columns
/// still to come, as the Hessian of the layer's inputs says.
/// </summary>
/// <remarks>
/// Arithmetic is fp32, rounded where the published code rounds. The grid of a whole row is found before dead columns are
/// set to 0, so a dead column can widen it; grids of groups are found after. Rows do not depend on each other.
/// </remarks>
public static class GptqQuantizer
{
    /// <summary>Codes a weight.</summary>
    /// <param name="weight">Finite weights [rows, columns] in natural column order; not changed.</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="factor">The factor of the layer's Hessian.</param>
    /// <param name="settings">Grid, groups and order.</param>
    /// <param name="options">Threads; the result does not depend on them.</param>
    /// <returns>Codes in natural column order; in coding order, with the order, for act-order with dynamic groups.</returns>
    /// <exception cref="ArgumentException">The lengths or the orders do not fit.</exception>
    public static GptqResult Quantize(
        float[] weight, int rows, int columns, HessianFactor factor, GptqSettings settings, ParallelOptions options)
    {
        Check(weight, rows, columns, factor, settings);
        var run = new GptqRun(Arrange(weight, rows, columns, factor, options), rows, columns, factor, settings);
        if (settings.Group == 0)
            run.Grids.Find(weight, columns, 0, columns, 0, options);
        else if (settings.StaticGroups)
            FindStatic(weight, columns, factor, settings, run.Grids, options);
        for (var first = 0; first < columns; first += settings.Block)
        {
            var count = Math.Min(settings.Block, columns - first);
            if (settings.Group > 0 && !settings.StaticGroups)
                FindDynamic(run, first, count, options);
            run.CodeBlock(first, count, options);
        }

        var permuted = settings.ActOrder && settings.Group > 0 && !settings.StaticGroups;
        var codes = settings.ActOrder && !permuted ? ToNatural(run.Codes, rows, factor.Order!, options) : run.Codes;
        var coded = new CodedWeight(rows, columns, settings.Bits, settings.Group, codes, run.Grids.Scale, run.Grids.Zero, permuted ? factor.Order : null);
        return new GptqResult(coded, run.Loss);
    }

    private static void Check(float[] weight, int rows, int columns, HessianFactor factor, GptqSettings settings)
    {
        if (weight.Length != (long)rows * columns || factor.Size != columns)
            throw new ArgumentException($"{weight.Length} weights and a factor of {factor.Size} are not {rows} rows of {columns}");
        if (settings.ActOrder != (factor.Order is not null))
            throw new ArgumentException("the factor has another column order than the settings");
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Block, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Group);
    }

    /// <summary>A copy in coding order, dead columns 0.</summary>
    private static float[] Arrange(float[] weight, int rows, int columns, HessianFactor factor, ParallelOptions options)
    {
        var arranged = new float[weight.Length];
        Parallel.For(0, rows, options, row =>
        {
            var source = weight.AsSpan(row * columns, columns);
            var target = arranged.AsSpan(row * columns, columns);
            for (var position = 0; position < target.Length; position++)
            {
                var column = factor.Order is null ? position : factor.Order[position];
                target[position] = factor.Dead[column] ? 0f : source[column];
            }
        });
        return arranged;
    }

    private static void FindStatic(
        float[] weight, int columns, HessianFactor factor, GptqSettings settings, GroupGrids grids, ParallelOptions options)
    {
        var alive = (float[])weight.Clone();
        for (var i = 0; i < alive.Length; i++)
        {
            if (factor.Dead[i % columns])
                alive[i] = 0f;
        }

        for (var first = 0; first < columns; first += settings.Group)
            grids.Find(alive, columns, first, Math.Min(settings.Group, columns - first), first / settings.Group, options);
    }

    /// <summary>The grids of the groups that begin in a block, from the weights as they are before it.</summary>
    private static void FindDynamic(GptqRun run, int first, int count, ParallelOptions options)
    {
        var group = run.Settings.Group;
        for (var start = (first + group - 1) / group * group; start < first + count; start += group)
            run.Grids.Find(run.Weight, run.Columns, start, Math.Min(group, run.Columns - start), start / group, options);
    }

    private static byte[] ToNatural(byte[] codes, int rows, int[] order, ParallelOptions options)
    {
        var natural = new byte[codes.Length];
        Parallel.For(0, rows, options, row =>
        {
            var source = codes.AsSpan(row * order.Length, order.Length);
            var target = natural.AsSpan(row * order.Length, order.Length);
            for (var position = 0; position < order.Length; position++)
                target[order[position]] = source[position];
        });
        return natural;
    }
}
