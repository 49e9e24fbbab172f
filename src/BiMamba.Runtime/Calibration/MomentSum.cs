using System.Numerics.Tensors;
using BiMamba.Kernels;
using BiMamba.Pipeline;

namespace BiMamba.Runtime.Calibration;

/// <summary>Adds up X^T X of the tokens that come by. Threads take rows of the sum, so bits do not depend on them.</summary>
internal sealed class MomentSum
{
    // Rows of a lower triangle get longer: short ranges keep all threads at work to the end.
    private const int RangeRows = 48;

    private readonly int width;
    private readonly ParallelOptions parallel;
    private readonly float[] sum;
    private readonly float[] transposed;
    private long tokens;
    private (int Sample, int Token, int Column)? notFinite;

    /// <summary>A sum of zero tokens.</summary>
    public MomentSum(int width, RuntimeOptions options)
    {
        this.width = width;
        parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads };
        sum = new float[checked(width * width)];
        transposed = new float[checked(options.ChunkTokens * width)];
    }

    /// <summary>Adds tokens of a sample.</summary>
    public void Add(int sample, int first, Rows values)
    {
        FindNotFinite(sample, first, values);
        var count = values.Count;
        GramMatrix.Transpose(values, transposed.AsSpan(0, count * width));
        Parallel.For(0, (width + RangeRows - 1) / RangeRows, parallel, () => new float[GramMatrix.ScratchLength], (range, _, scratch) =>
        {
            var row = range * RangeRows;
            var rows = Math.Min(RangeRows, width - row);
            GramMatrix.AddRows(transposed.AsSpan(0, count * width), count, width, sum.AsSpan(row * width, rows * width), row, rows, scratch);
            return scratch;
        }, _ => { });
        tokens += count;
    }

    /// <summary>The mean over samples, doubled.</summary>
    public InputMoments Finish(int samples)
    {
        GramMatrix.Complete(sum, width, 2f / Math.Max(1, samples));
        return new InputMoments(sum, tokens, notFinite);
    }

    private void FindNotFinite(int sample, int first, Rows values)
    {
        if (notFinite is not null)
            return;
        for (var t = 0; t < values.Count; t++)
        {
            // One infinity or NaN makes the sum of magnitudes one.
            if (float.IsFinite(TensorPrimitives.SumOfMagnitudes(values[t])))
                continue;
            for (var column = 0; column < width && notFinite is null; column++)
            {
                if (!float.IsFinite(values[t][column]))
                    notFinite = (sample, first + t, column);
            }
        }
    }
}
