namespace BiMamba.Bisection.Comparing;

/// <summary>How the differences of one token spread over its features.</summary>
/// <param name="Count">Features that are off by at least a tenth of the largest difference.</param>
/// <param name="IsLocal">True where only few features are off.</param>
/// <param name="IsUniform">True where all features are off by about the same number.</param>
internal sealed record Spread(int Count, bool IsLocal, bool IsUniform)
{
    private const double Share = 0.1;
    private const int FewFeatures = 16;

    /// <summary>The spread of found minus expected.</summary>
    public static Spread Of(double[] deviations)
    {
        if (deviations.Length == 0)
            return new Spread(0, false, false);
        var largest = deviations.Max(Math.Abs);
        var count = deviations.Count(deviation => double.IsNaN(deviation) || Math.Abs(deviation) >= largest * Share);
        var mean = deviations.Average();
        var isUniform = count == deviations.Length && deviations.All(deviation => Math.Abs(deviation - mean) <= Math.Abs(mean) * Share);
        return new Spread(count, count < deviations.Length && count * FewFeatures <= Math.Max(deviations.Length, FewFeatures), isUniform);
    }
}
