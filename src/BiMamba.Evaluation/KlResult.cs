namespace BiMamba.Evaluation;

/// <summary>How far the next-token distributions of a model are from those of a reference, over windows.</summary>
/// <param name="WindowKl">Mean KL divergence of every window, in nats a token.</param>
/// <param name="TopAgreement">Share of tokens whose largest logit is the same.</param>
/// <param name="Reference">Perplexity of the reference.</param>
/// <param name="Other">Perplexity of the other model.</param>
public sealed record KlResult(IReadOnlyList<double> WindowKl, double TopAgreement, Perplexity Reference, Perplexity Other)
{
    /// <summary>Mean over all windows, in nats a token. Where windows have the same length, this is the mean over tokens.</summary>
    public double Mean => WindowKl.Average();

    /// <summary>
    /// Standard error of <see cref="Mean"/>: the standard deviation of the windows' means (n - 1 in its denominator) over the
    /// root of their number n. Tokens of a window depend on each other, windows hardly do. Null for one window.
    /// </summary>
    public double? StandardError
    {
        get
        {
            var (mean, n) = (Mean, WindowKl.Count);
            return n > 1 ? Math.Sqrt(WindowKl.Sum(kl => (kl - mean) * (kl - mean)) / (n - 1) / n) : null;
        }
    }

    /// <summary>Perplexity of the other model over that of the reference.</summary>
    public double PerplexityRatio => Math.Exp(Other.Nll - Reference.Nll);
}
