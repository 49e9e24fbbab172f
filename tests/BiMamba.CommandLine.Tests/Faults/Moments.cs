using System.Globalization;

namespace BiMamba.CommandLine.Tests.Faults;

/// <summary>
/// How often a fault is tried, and when: a few moments in each run of the tests, <c>BIMAMBA_FAULTS</c> of them in a long one.
/// The moments are the same in every run, as parts of the time that the command takes.
/// </summary>
internal static class Moments
{
    private const int Few = 3;

    /// <summary>How many.</summary>
    public static int Count => int.TryParse(Environment.GetEnvironmentVariable("BIMAMBA_FAULTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : Few;

    /// <summary>Parts of a time, from its beginning to a little behind its end.</summary>
    public static IEnumerable<double> Parts()
    {
        // Steps by the golden ratio are spread evenly however many are taken.
        const double Ratio = 0.6180339887498949;
        for (var i = 1; i <= Count; i++)
            yield return 1.05 * (i * Ratio % 1);
    }

    /// <summary>Says what a series has found.</summary>
    public static void Tell(string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        TestContext.Current.AddAttachment("faults", text);
    }
}
