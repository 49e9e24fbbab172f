using System.Collections.Immutable;

namespace BiMamba.Synthesis;

/// <summary>The quantiles of the standard normal distribution at the middles of 65,536 equal probabilities.</summary>
internal static class NormalQuantiles
{
    /// <summary>Quantiles above the median: entry i belongs to the probability 1/2 + (i + 1/2) / 65536.</summary>
    private static readonly ImmutableArray<double> Upper = SolveUpper();

    /// <summary>The quantile of the probability (i + 1/2) / 65536, for i from 0 to 65,535; the negative of that of 65,535 - i.</summary>
    public static double At(int i) =>
        i >= Upper.Length ? Upper[i - Upper.Length] : -Upper[Upper.Length - 1 - i];

    /// <summary>
    /// Newton's method, each root from the one before it: the distribution function is concave above the median, so
    /// the steps from the left never overshoot.
    /// </summary>
    private static ImmutableArray<double> SolveUpper()
    {
        var roots = new double[Distribution.Points / 2];
        var x = 0.0;
        for (var i = 0; i < roots.Length; i++)
        {
            var target = (i + 0.5) / Distribution.Points;
            for (var step = double.MaxValue; step > 1e-13;)
            {
                var (density, mass) = DensityAndMass(x);
                step = (target - mass) / density;
                x += step;
            }

            roots[i] = x;
        }

        return [.. roots];
    }

    /// <summary>
    /// The density at x from 0 and the mass between 0 and x, density * (x + x^3/3 + x^5/(3*5) + ...), whose terms are
    /// all positive.
    /// </summary>
    private static (double Density, double Mass) DensityAndMass(double x)
    {
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        var sum = 0.0;
        var term = x;
        for (var k = 3; term > sum * 1e-17; k += 2)
        {
            sum += term;
            term *= x * x / k;
        }

        return (density, density * sum);
    }
}
