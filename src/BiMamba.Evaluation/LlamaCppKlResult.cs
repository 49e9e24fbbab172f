namespace BiMamba.Evaluation;

/// <summary>A value with its standard error, tokens taken as independent.</summary>
/// <param name="Value">The value.</param>
/// <param name="StandardError">Its standard error.</param>
public sealed record Estimate(double Value, double StandardError);

/// <summary>Values at shares of a sorted list, interpolated between neighbours.</summary>
/// <param name="Share">From 0 for the least to 1 for the greatest.</param>
/// <param name="Value">The value.</param>
public sealed record Quantile(double Share, double Value);

/// <summary>What llama.cpp's --kl-divergence prints of two models.</summary>
/// <param name="Plan">Corpus, protocol and windows.</param>
/// <param name="Tokens">Scored tokens.</param>
/// <param name="Perplexity">Of the model.</param>
/// <param name="ReferencePerplexity">Of the reference.</param>
/// <param name="Correlation">Of the two negative log-likelihoods of a token; null where one does not vary.</param>
/// <param name="LogRatio">ln of the perplexity over that of the reference.</param>
/// <param name="Ratio">The perplexity over that of the reference.</param>
/// <param name="Difference">The perplexity less that of the reference.</param>
/// <param name="Kl">KL divergence of the model from the reference, in nats.</param>
/// <param name="KlQuantiles">Of the KL divergence, from the greatest down.</param>
/// <param name="ProbabilityDifference">Probability of the token less that by the reference.</param>
/// <param name="ProbabilityQuantiles">Of that difference, from the greatest down.</param>
/// <param name="RootMeanSquareDifference">Root of the mean of its squares.</param>
/// <param name="SameTop">Share of tokens with the same most likely one.</param>
public sealed record LlamaCppKlResult(
    WindowPlan Plan, int Tokens, Estimate Perplexity, Estimate ReferencePerplexity, double? Correlation, Estimate LogRatio, Estimate Ratio, Estimate Difference,
    Estimate Kl, IReadOnlyList<Quantile> KlQuantiles, Estimate ProbabilityDifference, IReadOnlyList<Quantile> ProbabilityQuantiles, Estimate RootMeanSquareDifference, Estimate SameTop)
{
    private static readonly double[] KlShares = [1, 0.999, 0.99, 0.95, 0.9, 0.5, 0.1, 0.05, 0.01, 0.001, 0];
    private static readonly double[] ProbabilityShares = [1, 0.999, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001, 0];

    /// <summary>The statistics of some tokens, at least two.</summary>
    internal static LlamaCppKlResult Of(WindowPlan plan, ReadOnlySpan<TokenComparison> tokens)
    {
        double[] nll = new double[tokens.Length], reference = new double[tokens.Length], kl = new double[tokens.Length], difference = new double[tokens.Length];
        var same = 0;
        for (var i = 0; i < tokens.Length; i++)
        {
            (nll[i], reference[i], kl[i], difference[i]) = (tokens[i].Nll, tokens[i].ReferenceNll, tokens[i].Kl, tokens[i].ProbabilityDifference);
            same += tokens[i].IsSameTop ? 1 : 0;
        }

        var (left, right) = (Mean(nll), Mean(reference));
        var covariance = Covariance(nll, reference, left.Value, right.Value);
        var (ours, theirs) = (Exp(left), Exp(right));
        var logRatio = new Estimate(left.Value - right.Value, ErrorOfDifference(left.StandardError, right.StandardError, covariance));
        var squares = Mean([.. difference.Select(d => d * d)]);
        var rms = Math.Sqrt(squares.Value);
        var share = (double)same / tokens.Length;
        return new LlamaCppKlResult(
            plan, tokens.Length, ours, theirs, left.StandardError * right.StandardError is > 0 and var scale ? covariance / scale : null, logRatio, Exp(logRatio),
            new Estimate(ours.Value - theirs.Value, ErrorOfDifference(ours.StandardError, theirs.StandardError, ours.Value * theirs.Value * covariance)),
            Mean(kl), Quantiles(kl, KlShares), Mean(difference), Quantiles(difference, ProbabilityShares),
            new Estimate(rms, rms > 0 ? 0.5 / rms * squares.StandardError : 0), new Estimate(share, Math.Sqrt(share * (1 - share) / (tokens.Length - 1))));
    }

    private static Estimate Mean(double[] values)
    {
        var mean = values.Average();
        var variance = (values.Sum(value => value * value) / values.Length) - (mean * mean);
        return new Estimate(mean, Math.Sqrt(Math.Max(0, variance) / (values.Length - 1)));
    }

    /// <summary>Covariance of the means of two lists.</summary>
    private static double Covariance(double[] left, double[] right, double leftMean, double rightMean) =>
        ((left.Zip(right, (a, b) => a * b).Sum() / left.Length) - (leftMean * rightMean)) / (left.Length - 1);

    private static Estimate Exp(Estimate logarithm)
    {
        var value = Math.Exp(logarithm.Value);
        return new Estimate(value, value * logarithm.StandardError);
    }

    // Rounding may take a variance of 0 below it.
    private static double ErrorOfDifference(double left, double right, double covariance) =>
        Math.Sqrt(Math.Max(0, (left * left) + (right * right) - (2 * covariance)));

    private static List<Quantile> Quantiles(double[] values, double[] shares)
    {
        var sorted = values.Order().ToArray();
        return [.. shares.Select(share => new Quantile(share, At(sorted, share)))];
    }

    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var rest = place - below;
        return ((1 - rest) * sorted[below]) + (rest * sorted[Math.Min(below + 1, sorted.Length - 1)]);
    }
}
