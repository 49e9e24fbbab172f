using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Billm;

/// <summary>
/// BiLLM (arXiv 2402.04291): block by block, salient columns and a border are searched, the block is binarized, and the
/// columns after it take up its error.
/// </summary>
/// <remarks>
/// Partition and scales of a block follow from the weight as earlier blocks left it; inside a block no error is fed back.
/// Sums are in fp64 and in a fixed order: the result does not depend on the number of threads.
/// </remarks>
public static class BillmQuantizer
{
    /// <summary>Binarizes a weight.</summary>
    /// <param name="weight">W [rows, columns], finite; not changed.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="columns">Columns, at least 1.</param>
    /// <param name="factor">
    /// U [columns, columns], row-major: upper, U^T U = the inverse of the damped Hessian, columns in their natural order.
    /// </param>
    /// <param name="dead">
    /// Columns whose input is always zero. They are set to zero and then binarized like any other, so that their result
    /// is not zero.
    /// </param>
    /// <param name="settings">Settings.</param>
    /// <param name="options">Threads and cancellation.</param>
    /// <exception cref="ArgumentException">A length does not follow from rows and columns.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No rows, no columns, blocks of no column, or orders other than 1 and 2.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public static BillmResult Quantize(float[] weight, int rows, int columns, float[] factor, bool[] dead, BillmSettings settings, ParallelOptions options) =>
        Quantize(weight, rows, columns, factor, dead, settings, new BraqCoder(), options);

    /// <summary>The same loop about another coding of a block.</summary>
    internal static BillmResult Quantize(float[] weight, int rows, int columns, float[] factor, bool[] dead, BillmSettings settings, IBlockCoder coder, ParallelOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Block, 1);
        Check(weight.Length, (long)rows * columns, nameof(weight));
        Check(factor.Length, (long)columns * columns, nameof(factor));
        Check(dead.Length, columns, nameof(dead));
        var run = new BillmRun(WithoutDead(weight, dead), rows, columns, factor, settings, coder, options);
        return run.Quantize();
    }

    private static float[] WithoutDead(float[] weight, bool[] dead)
    {
        var copy = (float[])weight.Clone();
        for (var column = 0; column < dead.Length; column++)
        {
            for (var at = column; dead[column] && at < copy.Length; at += dead.Length)
                copy[at] = 0;
        }

        return copy;
    }

    private static void Check(long length, long expected, string name)
    {
        if (length != expected)
            throw new ArgumentException($"{length} elements, not {expected}", name);
    }
}
