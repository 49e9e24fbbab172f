using BiMamba.Kernels;
using BiMamba.Pipeline;

namespace BiMamba.Runtime.Calibration;

/// <summary>Adds up X^T X of the tokens that come by. Threads take rows of the sum, so bits do not depend on them.</summary>
internal sealed class MomentSum
{
    private readonly int width;
    private readonly ParallelOptions parallel;
    private readonly float[] sum;
    private readonly float[] packed;
    private long tokens;
    private (int Sample, int Token, int Column)? notFinite;

    /// <summary>A sum of zero tokens.</summary>
    public MomentSum(int width, RuntimeOptions options)
    {
        this.width = width;
        parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads };
        sum = new float[checked(width * width)];
        packed = new float[GramMatrix.PackedLength(options.ChunkTokens, width)];
    }

    /// <summary>Adds tokens of a sample.</summary>
    /// <param name="sample">Index of the sample.</param>
    /// <param name="first">Index of the first of these tokens in it.</param>
    /// <param name="values">[tokens, width].</param>
    /// <param name="copy">Receives all values of the sample, [tokens of the sample, width], or null.</param>
    public void Add(int sample, int first, Rows values, float[]? copy)
    {
        if (!Pack(values, first, copy))
            FindNotFinite(sample, first, values);
        var count = values.Count;
        Parallel.For(0, GramMatrix.Blocks(width), parallel, () => new float[GramMatrix.ScratchLength], (piece, _, scratch) =>
        {
            // The longest first: what is left at the end is short.
            var row = (GramMatrix.Blocks(width) - 1 - piece) * GramMatrix.BlockColumns;
            var rows = Math.Min(GramMatrix.BlockColumns, width - row);
            GramMatrix.AddRows(packed.AsSpan(0, GramMatrix.PackedLength(count, width)), count, width, sum.AsSpan(row * width, rows * width), row, rows, scratch);
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

    /// <summary>Packs all columns, and copies them where that is wanted. False where something may not be finite.</summary>
    private unsafe bool Pack(Rows values, int first, float[]? copy)
    {
        var (count, stride) = (values.Count, values.Stride);
        var finite = 1;
        fixed (float* start = values.Values)
        {
            var pinned = (nint)start;
            Parallel.For(0, GramMatrix.Blocks(width), parallel, block =>
            {
                var rows = new Rows(new ReadOnlySpan<float>((float*)pinned, ((count - 1) * stride) + width), count, width, stride);
                if (!GramMatrix.Pack(rows, block, packed.AsSpan(0, GramMatrix.PackedLength(count, width))))
                    Volatile.Write(ref finite, 0);
                var column = block * GramMatrix.BlockColumns;
                var columns = Math.Min(GramMatrix.BlockColumns, width - column);
                for (var t = 0; copy is not null && t < count; t++)
                    rows[t].Slice(column, columns).CopyTo(copy.AsSpan(((first + t) * width) + column));
            });
        }

        return finite != 0;
    }

    private void FindNotFinite(int sample, int first, Rows values)
    {
        for (var t = 0; t < values.Count && notFinite is null; t++)
        {
            var column = values[t].IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            if (column >= 0)
                notFinite = (sample, first + t, column);
        }
    }
}
