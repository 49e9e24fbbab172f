using BiMamba.Measurement.Probing;

namespace BiMamba.Measurement.Tests;

/// <summary>The probes of the machine.</summary>
public sealed class ProbeTests
{
    public static TheoryData<string, int> Loops
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var (name, _) in ReadLoops.All)
            {
                data.Add(name, 1);
                data.Add(name, 3);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void A_loop_reads_every_line_once(string name, int threads)
    {
        const int Line = 64;
        var run = ReadLoops.All.Single(loop => loop.Name == name).Run;
        // A line counts as itself: a sum of distinct powers would overflow, so random words are compared.
        var bytes = new byte[threads * ReadLoops.Unit];
        new Random(3).NextBytes(bytes);
        ulong expected = 0;
        var lanes = new ulong[Line / sizeof(ulong)];
        for (var i = 0; i < bytes.Length; i += sizeof(ulong))
            lanes[i % Line / sizeof(ulong)] ^= BitConverter.ToUInt64(bytes, i);
        foreach (var lane in lanes)
            expected += lane;
        if (threads == 1 && name != "blocks")
            Assert.Equal(expected, run(bytes, 0, 1));

        // Every thread's result changes by a byte of its own share only.
        var before = Enumerable.Range(0, threads).Select(thread => run(bytes, thread, threads)).ToArray();
        for (var place = 7; place < bytes.Length; place += 40009)
        {
            bytes[place] ^= 1;
            Assert.Equal(1, Enumerable.Range(0, threads).Count(thread => run(bytes, thread, threads) != before[thread]));
            bytes[place] ^= 1;
        }
    }

    [Fact]
    public void Every_way_to_read_has_a_rate()
    {
        using var bandwidth = new ReadBandwidth(2, 1 << 20);
        var rates = ReadBandwidth.Best([bandwidth.Measure(TestContext.Current.CancellationToken), bandwidth.Measure(TestContext.Current.CancellationToken)]);
        Assert.Contains(rates, rate => rate.Pages == "ordinary");
        Assert.All(rates, rate => Assert.InRange(rate.BytesPerSecond, 1e6, 1e14));
        Assert.Equal(rates.Count, rates.Distinct().Count());
        Assert.Equal(0, rates.Count % ReadLoops.All.Count);
    }

    [Fact]
    public void The_best_of_several_measurements_is_taken_by_loop_and_pages()
    {
        var best = ReadBandwidth.Best([[new("a", "huge", 1), new("b", "huge", 5)], [new("a", "huge", 3), new("b", "huge", 2)]]);
        Assert.Equal([new ReadRate("a", "huge", 3), new ReadRate("b", "huge", 5)], best);
    }

    [Fact]
    public void The_peak_is_a_rate() => Assert.InRange(FmaPeak.Measure(1), 1e8, 1e14);

    [Theory]
    [InlineData(new[] { 3.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 2, 3 }, 2.5)]
    public void The_median_is_in_the_middle(double[] values, double expected) => Assert.Equal(expected, Statistics.Median(values));

    [Fact]
    public void There_is_no_median_of_nothing() => Assert.Throws<ArgumentException>(() => Statistics.Median([]));
}
