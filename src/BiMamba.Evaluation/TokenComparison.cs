using System.Numerics.Tensors;

namespace BiMamba.Evaluation;

/// <summary>The predictions of one token by a reference and another model.</summary>
/// <param name="ReferenceNll">Negative log-likelihood by the reference as llama.cpp stores it, in nats.</param>
/// <param name="Nll">Negative log-likelihood by the model, in nats.</param>
/// <param name="Kl">KL divergence of the model from the reference, in nats.</param>
/// <param name="IsSameTop">True where both have the same most likely token.</param>
internal readonly record struct TokenComparison(double ReferenceNll, double Nll, double Kl, bool IsSameTop)
{
    /// <summary>Log-probabilities are kept down to so many nats below the largest.</summary>
    private const float Range = 16;

    /// <summary>Probability of the token by the model less that by the reference.</summary>
    public double ProbabilityDifference => Math.Exp(-Nll) - Math.Exp(-ReferenceNll);

    /// <summary>Compares two rows of logits of one length.</summary>
    public static TokenComparison Of(ReadOnlySpan<float> reference, ReadOnlySpan<float> other, int target)
    {
        var norm = LogSoftmax.LogSumExp(other);
        var (max, min) = (TensorPrimitives.Max(reference), Math.Max(TensorPrimitives.Min(reference), TensorPrimitives.Max(reference) - Range));
        var least = (float)(min - LogSoftmax.LogSumExp(reference));
        var step = (max - min) / ushort.MaxValue;
        double kl = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            double stored = Stored(reference[i], min, step, least);
            if (stored > -Range)
                kl += Math.Exp(stored) * (stored - (other[i] - norm));
        }

        return new TokenComparison(
            -Stored(reference[target], min, step, least), norm - other[target], kl, TensorPrimitives.IndexOfMax(reference) == TensorPrimitives.IndexOfMax(other));
    }

    private static double Stored(float logit, float min, float step, float least) =>
        (step * (logit > min ? (ushort)MathF.Round((logit - min) / step) : 0)) + least;
}
