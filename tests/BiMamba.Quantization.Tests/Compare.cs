using System.Globalization;

namespace BiMamba.Quantization;

/// <summary>Comparisons that say what differs.</summary>
internal static class Compare
{
    /// <summary>One line where values differ by more than a tolerance, or are not NaN in the same places; else none.</summary>
    public static IEnumerable<string> Within(string name, float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (worst, at) = (0.0, -1);
        for (var i = 0; i < expected.Length; i++)
        {
            var distance = Distance(expected[i], actual[i]);
            if (distance > tolerance && distance > worst)
                (worst, at) = (distance, i);
        }

        if (at >= 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{name}[{at}]: {actual[at]:R}, not {expected[at]:R}; tolerance {tolerance}");
    }

    private static double Distance(float expected, float actual) =>
        float.IsNaN(expected) || float.IsNaN(actual)
            ? float.IsNaN(expected) && float.IsNaN(actual) ? 0 : double.PositiveInfinity
            : Math.Abs((double)expected - actual);
}
