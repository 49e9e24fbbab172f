using BiMamba.Comparison.Statistics;

namespace BiMamba.Comparison.Tests;

public sealed class BlockBootstrapTests
{
    [Fact]
    public void The_estimate_is_the_mean_over_tokens()
    {
        var interval = BlockBootstrap.Interval([1, 4], [3, 1], 0)!;
        Assert.Equal(1.75, interval.Estimate);
        Assert.Equal((1, 4), (interval.Low, interval.High));
    }

    [Fact]
    public void One_window_has_no_interval() => Assert.Null(BlockBootstrap.Interval([1], [1], 0));

    [Fact]
    public void A_seed_repeats_itself()
    {
        var differences = Normal(50, 1);
        int[] tokens = [.. Enumerable.Repeat(10, 50)];
        Assert.Equal(BlockBootstrap.Interval(differences, tokens, 5), BlockBootstrap.Interval(differences, tokens, 5));
        Assert.NotEqual(BlockBootstrap.Interval(differences, tokens, 5), BlockBootstrap.Interval(differences, tokens, 6));
    }

    [Fact]
    public void Independent_windows_have_the_width_of_the_normal_interval()
    {
        const int Count = 1000;
        var differences = Normal(Count, 3);
        var interval = BlockBootstrap.Interval(differences, [.. Enumerable.Repeat(1, Count)], 1)!;
        var mean = differences.Average();
        var expected = 2 * 1.96 * Math.Sqrt(differences.Average(d => (d - mean) * (d - mean)) / Count);
        Assert.InRange((interval.High - interval.Low) / expected, 0.85, 1.15);
        Assert.InRange(mean, interval.Low, interval.High);
    }

    [Fact]
    public void Windows_that_are_alike_widen_the_interval()
    {
        // Ten neighbours have one value: a bootstrap of single windows would take them for ten.
        double[] differences = [.. Normal(100, 4).SelectMany(value => Enumerable.Repeat(value, 10))];
        var interval = BlockBootstrap.Interval(differences, [.. Enumerable.Repeat(1, 1000)], 1)!;
        var mean = differences.Average();
        var independent = 2 * 1.96 * Math.Sqrt(differences.Average(d => (d - mean) * (d - mean)) / 1000);
        Assert.InRange((interval.High - interval.Low) / independent, 1.8, 4);
    }

    private static double[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
    }
}
