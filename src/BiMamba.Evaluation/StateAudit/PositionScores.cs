using System.Numerics;
using System.Numerics.Tensors;
using BiMamba.Kernels;

namespace BiMamba.Evaluation.StateAudit;

/// <summary>Scores the predictions of two models after p tokens of a sequence, for every p but the last, and sums them by the power of two below p.</summary>
/// <param name="ids">The sequence.</param>
/// <param name="chunk">Most tokens at once.</param>
/// <param name="width">Logits of a token.</param>
/// <param name="threads">Threads; the result does not depend on it.</param>
internal sealed class PositionScores(ReadOnlyMemory<int> ids, int chunk, int width, int threads)
{
    private readonly float[] expected = new float[checked(chunk * width)];
    private readonly float[] found = new float[checked(chunk * width)];
    private readonly Score[] scores = new Score[chunk];
    private readonly Score[] sums = new Score[BitOperations.Log2((uint)ids.Length - 1) + 1];

    /// <summary>Mean divergence of all tokens so far, in nats; 0 before the first.</summary>
    public double MeanKl(int tokens) => tokens == 0 ? 0 : sums.Sum(sum => sum.Kl) / tokens;

    /// <summary>Takes logits of the reference, some tokens of a chunk at a time.</summary>
    public void OnReference(int row, Rows logits) => Copy(row, logits, expected);

    /// <summary>Takes logits of the model.</summary>
    public void OnOther(int row, Rows logits) => Copy(row, logits, found);

    /// <summary>Scores the chunk whose logits are there. Every token has its own place, and they are summed in order.</summary>
    /// <param name="first">Tokens before the chunk.</param>
    /// <param name="count">Tokens of the chunk.</param>
    /// <param name="cancellation">Stops the work.</param>
    public void Add(int first, int count, CancellationToken cancellation)
    {
        // Nothing is known of what follows the last token.
        count = Math.Min(count, ids.Length - 1 - first);
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, token => scores[token] = Compare(token, ids.Span[first + token + 1]));
        for (var token = 0; token < count; token++)
            sums[BitOperations.Log2((uint)(first + token + 1))] += scores[token];
    }

    /// <summary>The means by position; null where one is not finite.</summary>
    public IReadOnlyList<PositionBucket>? Buckets()
    {
        var buckets = sums.Select((sum, i) => Bucket(sum, 1 << i, Math.Min(ids.Length, 2L << i))).ToArray();
        return buckets.All(bucket => double.IsFinite(bucket.Kl) && double.IsFinite(bucket.ReferenceNll) && double.IsFinite(bucket.OtherNll)) ? buckets : null;
    }

    private static PositionBucket Bucket(Score sum, int first, long end) =>
        new(first, (int)end, sum.Kl / (end - first), sum.ReferenceNll / (end - first), sum.OtherNll / (end - first), sum.Agreeing / (end - first));

    private Score Compare(int token, int target)
    {
        ReadOnlySpan<float> p = expected.AsSpan(token * width, width);
        ReadOnlySpan<float> q = found.AsSpan(token * width, width);
        return new Score(LogSoftmax.Divergence(p, q), LogSoftmax.Nll(p, target), LogSoftmax.Nll(q, target), TensorPrimitives.IndexOfMax(p) == TensorPrimitives.IndexOfMax(q) ? 1 : 0);
    }

    private static void Copy(int row, Rows logits, float[] target) =>
        logits.Values[..(logits.Count * logits.Width)].CopyTo(target.AsSpan(row * logits.Width));

    /// <summary>What one token or several add up to.</summary>
    private readonly record struct Score(double Kl, double ReferenceNll, double OtherNll, double Agreeing)
    {
        public static Score operator +(Score a, Score b) => new(a.Kl + b.Kl, a.ReferenceNll + b.ReferenceNll, a.OtherNll + b.OtherNll, a.Agreeing + b.Agreeing);
    }
}
