using System.Diagnostics;
using System.Globalization;

namespace BiMamba.Benchmarks;

/// <summary>Times one piece of work: the best of several repetitions, which other work on the machine disturbs least.</summary>
internal static class Measure
{
    private const int Repetitions = 15;
    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(30);

    /// <summary>The seconds of one call.</summary>
    public static double Seconds(Action work)
    {
        // Long enough for the second compilation tier to take over.
        var warm = Stopwatch.StartNew();
        var calls = 0;
        while (warm.Elapsed < TimeSpan.FromMilliseconds(250) || calls < 2)
        {
            work();
            calls++;
        }

        var perRepetition = Math.Max(1, (int)(Enough / (warm.Elapsed / calls)));
        var best = double.MaxValue;
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < perRepetition; i++)
                work();
            best = Math.Min(best, watch.Elapsed.TotalSeconds / perRepetition);
        }

        return best;
    }

    public static void Report(string what, double amount, double seconds, string unit) =>
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what,-58} {amount / seconds / 1e9,9:F1} {unit,-9} {seconds * 1e6,11:F1} us"));
}
