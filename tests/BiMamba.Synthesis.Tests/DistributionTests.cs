using BiMamba.Tensors;

namespace BiMamba.Synthesis.Tests;

public class DistributionTests
{
    private static double[] Values(Distribution distribution) =>
        [.. Enumerable.Range(0, Distribution.Points).Select(distribution.At)];

    // Upper quantiles from tables; the probabilities of the points are odd multiples of 2^-17, so these lie between
    // two points, whose distance bounds the difference.
    [Theory]
    [InlineData(0.75, 0.6744897501960817)]
    [InlineData(0.9375, 1.5341205443525463)]
    [InlineData(0.9990234375, 3.0972690781987845)]
    public void Normal_quantiles_enclose_those_of_tables(double probability, double expected)
    {
        var above = (int)(probability * Distribution.Points);
        Assert.InRange(expected, NormalQuantiles.At(above - 1), NormalQuantiles.At(above));
        Assert.Equal(expected, (NormalQuantiles.At(above - 1) + NormalQuantiles.At(above)) / 2, 1e-5);
    }

    [Fact]
    public void Normal_quantiles_increase_and_are_symmetric()
    {
        for (var i = 0; i < Distribution.Points; i++)
        {
            Assert.Equal(NormalQuantiles.At(i), -NormalQuantiles.At(Distribution.Points - 1 - i));
            Assert.True(i == 0 || NormalQuantiles.At(i) > NormalQuantiles.At(i - 1));
        }
    }

    [Fact]
    public void Normal_quantiles_have_the_variance_of_a_normal()
    {
        // What lies beyond the last points is cut off: about 4e-5 of the variance.
        var variance = Values(new Distribution.Normal(0, 1)).Average(v => v * v);
        Assert.InRange(variance, 1 - 1e-4, 1);
    }

    [Theory]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.F32)]
    public void No_latent_weight_is_zero(ElementType type)
    {
        // Every value of the table is drawn at its probability, so a zero would be among a million.
        var tensor = new TensorSampler(3, type).Sample("x", Shape.Of(1_000_000), new Distribution.Normal(0, 0.02));
        Assert.DoesNotContain(0f, tensor.ToSingles());
    }

    [Fact]
    public void Time_steps_lie_between_their_bounds()
    {
        var steps = Values(new Distribution.TimeStepBias(0.001, 0.1)).Select(v => Math.Log(1 + Math.Exp(v))).ToArray();
        Assert.InRange(steps.Min(), 0.001, 0.00101);
        Assert.InRange(steps.Max(), 0.099, 0.1);
        Assert.Equal(0.01, steps[Distribution.Points / 2], 1e-5);
    }

    [Fact]
    public void State_decays_lie_between_their_bounds()
    {
        var decays = Values(new Distribution.LogOfUniform(1, 16)).Select(Math.Exp).ToArray();
        Assert.InRange(decays.Min(), 1, 1.001);
        Assert.InRange(decays.Max(), 15.999, 16);
        Assert.Equal(8.5, decays.Average(), 1e-9);
    }

    [Fact]
    public void One_scale_in_ten_is_negative()
    {
        var scales = Values(new Distribution.SignedScale(0.01, 0.04, 0.1));
        Assert.Equal(0.1, scales.Count(v => v < 0) / (double)Distribution.Points, 1e-4);
        Assert.All(scales, v => Assert.InRange(Math.Abs(v), 0.01, 0.04));
        Assert.Equal(0.02, Math.Abs(scales.Order().ElementAt((int)(0.55 * Distribution.Points))), 1e-4);
    }
}
