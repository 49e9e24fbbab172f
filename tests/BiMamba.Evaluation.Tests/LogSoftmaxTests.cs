namespace BiMamba.Evaluation.Tests;

/// <summary>Log-probabilities against fp64.</summary>
public sealed class LogSoftmaxTests
{
    /// <summary>fp32 exp is right to 2 units in the last place, and the mean of such errors is no larger.</summary>
    private const double Bound = 3e-7;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(1000)]
    [InlineData(50280)]
    public void Every_size_agrees_with_fp64(int size)
    {
        var random = new Random(size);
        foreach (var scale in (double[])[1e-3, 1, 10, 100])
        {
            var logits = Normal(random, size, scale);
            Assert.InRange(LogSoftmax.LogSumExp(logits) - Exact(logits), -Bound, Bound);
            var target = random.Next(size);
            Assert.InRange(LogSoftmax.Nll(logits, target) - (Exact(logits) - logits[target]), -Bound, Bound);
        }
    }

    [Theory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    [InlineData(3e38f)]
    [InlineData(-3e38f)]
    [InlineData(float.MaxValue)]
    [InlineData(float.MinValue)]
    public void Large_logits_do_not_overflow(float value)
    {
        var logits = new float[20];
        Array.Fill(logits, value);
        Assert.Equal(value + Math.Log(20), LogSoftmax.LogSumExp(logits), 1e-6);
        logits[19] = value - (Math.Abs(value) / 2);
        Assert.Equal(value + Math.Log(19), LogSoftmax.LogSumExp(logits), 1e-6);
    }

    [Fact]
    public void The_largest_logit_may_stand_in_the_remainder()
    {
        var logits = new float[19];
        logits[18] = 1000;
        Assert.Equal(1000, LogSoftmax.LogSumExp(logits), 1e-9);
        Assert.Equal(1000, LogSoftmax.Nll(logits, 0), 1e-9);
        Assert.Equal(0, LogSoftmax.Nll(logits, 18), 1e-9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(18)]
    public void A_logit_of_minus_infinity_rules_its_token_out(int at)
    {
        var logits = new float[19];
        logits[at] = float.NegativeInfinity;
        Assert.Equal(Math.Log(18), LogSoftmax.LogSumExp(logits), 1e-9);
        Assert.Equal(double.PositiveInfinity, LogSoftmax.Nll(logits, at));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(18)]
    public void Infinity_and_NaN_are_seen(int at)
    {
        var logits = new float[19];
        logits[at] = float.PositiveInfinity;
        Assert.Equal(double.PositiveInfinity, LogSoftmax.LogSumExp(logits));
        Assert.False(double.IsFinite(LogSoftmax.Nll(logits, at)));
        Assert.False(double.IsFinite(LogSoftmax.Nll(logits, 1)));
        logits[3] = float.NaN;
        Assert.Equal(double.NaN, LogSoftmax.LogSumExp(logits));
        Assert.Equal(double.NaN, LogSoftmax.Nll(logits, 1));
    }

    [Fact]
    public void Nothing_but_minus_infinity_has_no_distribution()
    {
        float[] logits = [float.NegativeInfinity, float.NegativeInfinity];
        Assert.Equal(double.NegativeInfinity, LogSoftmax.LogSumExp(logits));
        Assert.Equal(double.NaN, LogSoftmax.Nll(logits, 0));
        Assert.Equal(double.NaN, LogSoftmax.Divergence(logits, [0, 0]));
        Assert.Equal(double.NaN, LogSoftmax.Divergence([0, 0], logits));
    }

    [Fact]
    public void The_divergence_of_known_distributions()
    {
        float[] p = [MathF.Log(0.5f), MathF.Log(0.25f), MathF.Log(0.25f)];
        float[] q = [MathF.Log(0.25f), MathF.Log(0.5f), MathF.Log(0.25f)];
        Assert.Equal(0.25 * Math.Log(2), LogSoftmax.Divergence(p, q), 1e-7);

        float[] even = [7, 7];
        float[] skew = [MathF.Log(9), 0];
        Assert.Equal((0.5 * Math.Log(0.5 / 0.9)) + (0.5 * Math.Log(0.5 / 0.1)), LogSoftmax.Divergence(even, skew), 1e-7);
        Assert.Equal((0.9 * Math.Log(0.9 / 0.5)) + (0.1 * Math.Log(0.1 / 0.5)), LogSoftmax.Divergence(skew, even), 1e-7);
    }

    [Fact]
    public void What_is_impossible_in_both_adds_nothing_and_in_one_is_infinite()
    {
        float[] two = [0, 0, float.NegativeInfinity];
        float[] three = [0, 0, 0];
        Assert.Equal(0, LogSoftmax.Divergence(two, two));
        Assert.Equal(Math.Log(1.5), LogSoftmax.Divergence(two, three), 1e-12);
        Assert.Equal(double.PositiveInfinity, LogSoftmax.Divergence(three, two));
        Assert.Equal(double.NaN, LogSoftmax.Divergence([float.NaN, 0, 0], three));
        Assert.Equal(double.NaN, LogSoftmax.Divergence(three, [0, float.NaN, 0]));
        Assert.Equal(double.NaN, LogSoftmax.Divergence([float.PositiveInfinity, 0, 0], three));
    }

    [Fact]
    public void The_divergence_is_never_negative_and_zero_for_equal_rows()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var p = Normal(random, random.Next(1, 300), 5);
            Assert.Equal(0, LogSoftmax.Divergence(p, p));
            foreach (var distance in (double[])[1e-6, 1e-3, 1, 30])
            {
                var q = p.Zip(Normal(random, p.Length, distance), (a, b) => a + b).ToArray();
                Assert.InRange(LogSoftmax.Divergence(p, q), 0, double.MaxValue);
            }
        }
    }

    [Fact]
    public void A_shift_of_all_logits_changes_nothing()
    {
        float[] p = [1, 2, 3, 4];
        Assert.Equal(0, LogSoftmax.Divergence(p, [101, 102, 103, 104]), 1e-12);
    }

    /// <summary>To second order in the difference of the logits the divergence is half its variance under p.</summary>
    [Fact]
    public void Small_divergences_are_exact()
    {
        var random = new Random(2);
        var p = Normal(random, 1000, 3);
        var q = p.Zip(Normal(random, p.Length, 1e-4), (a, b) => a + b).ToArray();
        var norm = Exact(p);
        double mean = 0, square = 0;
        for (var i = 0; i < p.Length; i++)
        {
            var difference = (double)p[i] - q[i];
            mean += Math.Exp(p[i] - norm) * difference;
            square += Math.Exp(p[i] - norm) * difference * difference;
        }

        var expected = (square - (mean * mean)) / 2;
        Assert.InRange(LogSoftmax.Divergence(p, q) / expected, 0.999, 1.001);
    }

    [Fact]
    public void Rows_of_different_lengths_are_a_bug() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LogSoftmax.Divergence([1, 2], [1, 2, 3]));

    private static float[] Normal(Random random, int size, double scale)
    {
        var values = new float[size];
        for (var i = 0; i < size; i++)
            values[i] = (float)(scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    private static double Exact(float[] logits)
    {
        double max = logits.Max();
        return max + Math.Log(logits.Sum(logit => Math.Exp(logit - max)));
    }
}
