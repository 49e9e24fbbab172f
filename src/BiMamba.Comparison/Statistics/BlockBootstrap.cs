using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Statistics;

/// <summary>
/// The confidence interval of a mean difference of two models over the same windows: a circular block bootstrap of pairs,
/// percentiles. Windows of a text that stand side by side are alike, so blocks of them are drawn, n^(1/3) windows each
/// (Politis and Romano 1992; Hall, Horowitz and Jing 1995 for the length).
/// </summary>
public static class BlockBootstrap
{
    /// <summary>Samples that are drawn.</summary>
    public const int Samples = 2000;

    /// <summary>What the interval holds of the samples.</summary>
    public const double Confidence = 0.95;

    /// <summary>The interval of the mean of some windows, weighted by their tokens; null for one window.</summary>
    /// <param name="differences">Difference of every window, a token.</param>
    /// <param name="tokens">Tokens of every window.</param>
    /// <param name="seed">Seed of the draws.</param>
    public static Interval? Interval(IReadOnlyList<double> differences, IReadOnlyList<int> tokens, int seed)
    {
        var n = differences.Count;
        if (n < 2)
            return null;
        var length = Math.Max(1, (int)Math.Round(Math.Cbrt(n)));
        var random = new Random(seed);
        var means = new double[Samples];
        for (var sample = 0; sample < Samples; sample++)
        {
            double sum = 0, weight = 0;
            for (var drawn = 0; drawn < n; drawn += length)
            {
                var start = random.Next(n);
                for (var i = 0; i < Math.Min(length, n - drawn); i++)
                {
                    var window = (start + i) % n;
                    sum += differences[window] * tokens[window];
                    weight += tokens[window];
                }
            }

            means[sample] = sum / weight;
        }

        Array.Sort(means);
        var estimate = differences.Zip(tokens, (difference, count) => difference * count).Sum() / tokens.Sum(count => (double)count);
        return new Interval(estimate, At(means, (1 - Confidence) / 2), At(means, (1 + Confidence) / 2));
    }

    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
