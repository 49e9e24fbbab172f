namespace BiMamba.Evaluation;

/// <summary>How much of a text's distinct n-grams are in the windows of a calibration, by a sample of them.</summary>
/// <param name="Length">Tokens of an n-gram.</param>
/// <param name="Matching">N-grams of the sample that are in the windows.</param>
/// <param name="Sampled">N-grams of the sample, at least 1.</param>
public sealed record NgramOverlap(int Length, int Matching, int Sampled)
{
    /// <summary>The estimated share, from 0 to 1; its standard deviation is at most 0.5 / sqrt(<see cref="Sampled"/>).</summary>
    public double Share => (double)Matching / Sampled;

    /// <summary>
    /// True where the text's share is above another one by more than the chance of the sample: by two standard deviations of
    /// the matches that the other one gives.
    /// </summary>
    public bool IsAbove(double share)
    {
        var expected = share * Sampled;
        return Matching > expected + (2 * Math.Sqrt(expected));
    }
}
