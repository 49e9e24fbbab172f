using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BiMamba.Kernels;

namespace BiMamba.Evaluation;

/// <summary>Log-probabilities of logits, summed in fp64.</summary>
public static class LogSoftmax
{
    /// <summary>
    /// log(sum(exp(logits))) in nats: NaN where a logit is NaN, infinity where one is, -infinity where all are.
    /// </summary>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        var max = Max(logits);
        if (!float.IsFinite(max))
            return max;
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(logits);
        var shift = Vector512.Create(max);
        var (low, high) = (Vector512<double>.Zero, Vector512<double>.Zero);
        foreach (var vector in vectors)
        {
            var (lower, upper) = Vector512.Widen(VectorMath.Exp(vector - shift));
            low += lower;
            high += upper;
        }

        var sum = Vector512.Sum(low + high);
        foreach (var logit in logits[(vectors.Length * Vector512<float>.Count)..])
            sum += VectorMath.Exp(logit - max);
        return max + Math.Log(sum);
    }

    /// <summary>Negative log-likelihood of a target, in nats.</summary>
    public static double Nll(ReadOnlySpan<float> logits, int target) => LogSumExp(logits) - logits[target];

    /// <summary>
    /// KL divergence of q from p in nats, sum p (log p - log q), over the softmax of two rows of logits of one length.
    /// At least 0; infinity where q rules out what p allows, NaN where a distribution does not exist.
    /// </summary>
    /// <remarks>
    /// All of it is fp64: models that differ only by rounding are less than 1e-10 nats apart, and exp in fp32 errs by
    /// more than that.
    /// </remarks>
    public static double Divergence(ReadOnlySpan<float> p, ReadOnlySpan<float> q)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(q.Length, p.Length);
        var (normP, normQ) = (ExactLogSumExp(p), ExactLogSumExp(q));
        double sum = 0;
        for (var i = 0; i < p.Length; i++)
        {
            var logP = p[i] - normP;
            var probability = Math.Exp(logP);
            // 0 log 0 is 0.
            if (probability != 0)
                sum += probability * (logP - (q[i] - normQ));
        }

        // Rounding of the sum may fall below its bound.
        return Math.Max(0, sum);
    }

    private static double ExactLogSumExp(ReadOnlySpan<float> logits)
    {
        double max = Max(logits);
        if (!double.IsFinite(max))
            return max;
        double sum = 0;
        foreach (var logit in logits)
            sum += Math.Exp(logit - max);
        return max + Math.Log(sum);
    }

    private static float Max(ReadOnlySpan<float> logits) =>
        logits.IsEmpty ? float.NegativeInfinity : TensorPrimitives.Max(logits);
}
