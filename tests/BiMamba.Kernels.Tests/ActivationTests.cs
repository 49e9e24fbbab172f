namespace BiMamba.Kernels.Tests;

public class ActivationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(3001)]
    public void Vector_forms_have_the_bits_of_the_scalar_forms(int length)
    {
        var x = Numbers.Random(length, 31, 120f);
        var z = Numbers.Random(length, 32);
        var (expected, actual) = (new float[length], new float[length]);
        Activation.SiluScalar(x, expected);
        Activation.Silu(x, actual);
        Numbers.AssertSameBits(expected, actual);
        Activation.SoftplusScalar(x, expected);
        Activation.Softplus(x, actual);
        Numbers.AssertSameBits(expected, actual);
        Elementwise.AddScalar(x, z, expected);
        Elementwise.Add(x, z, actual);
        Numbers.AssertSameBits(expected, actual);
        Elementwise.MultiplyScalar(x, z, expected);
        Elementwise.Multiply(x, z, actual);
        Numbers.AssertSameBits(expected, actual);
        Assert.Equal(x.Zip(z, (a, b) => a * b), actual);
        Elementwise.Multiply(x, z, x);
        Numbers.AssertSameBits(expected, x);
    }

    [Fact]
    public void Softplus_and_silu_are_near_the_exact_functions()
    {
        for (var x = -86f; x < 90f; x += 0.0137f)
        {
            var softplus = Numbers.Softplus(x);
            Numbers.AssertNear(softplus, Activation.Softplus(x), 6 * Numbers.Unit * softplus, $"softplus({x:R})");
            var silu = Numbers.Silu(x);
            Numbers.AssertNear(silu, Activation.Silu(x), 8 * Numbers.Unit * Math.Abs(silu), $"silu({x:R})");
        }
    }

    [Fact]
    public void Edges_follow_PyTorch()
    {
        Assert.Equal(20.000002f, Activation.Softplus(20.000002f));
        Assert.Equal(0f, Activation.Softplus(float.NegativeInfinity));
        Assert.Equal(float.PositiveInfinity, Activation.Softplus(float.PositiveInfinity));
        Assert.True(float.IsNaN(Activation.Softplus(float.NaN)));
        Assert.Equal(float.PositiveInfinity, Activation.Silu(float.PositiveInfinity));
        Assert.True(float.IsNaN(Activation.Silu(float.NegativeInfinity)));
        Assert.True(float.IsNaN(Activation.Silu(float.NaN)));
        Assert.Equal(0f, Activation.Silu(-200f));
    }
}
