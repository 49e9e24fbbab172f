using System.Runtime.Intrinsics;

namespace BiMamba.Kernels.Tests;

public class VectorMathTests
{
    // A prime stride through all 2^32 bit patterns: every exponent, both signs, subnormals, NaNs.
    private const uint PatternStride = 10007;

    [Fact]
    public void Exp_is_within_two_ulp_over_all_exponents() => AssertUlp(VectorMath.Exp, VectorMath.Exp, Math.Exp);

    [Fact]
    public void Log_is_within_two_ulp_over_all_exponents() => AssertUlp(VectorMath.Log, VectorMath.Log, Math.Log);

    [Fact]
    public void Log1p_is_within_two_ulp_over_all_exponents() => AssertUlp(VectorMath.Log1p, VectorMath.Log1p, Log1p);

    [Fact]
    public void Exp_is_within_two_ulp_where_results_are_finite()
    {
        for (var x = -104f; x < 89f; x += 0.00137f)
            AssertUlp(x, VectorMath.Exp(x), Math.Exp(x));
    }

    [Fact]
    public void Log_is_within_two_ulp_near_one()
    {
        for (var x = 0.5f; x < 2f; x += 1.9e-6f)
            AssertUlp(x, VectorMath.Log(x), Math.Log(x));
    }

    [Theory]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(float.NaN, float.NaN)]
    [InlineData(88.72283f, 3.4027985e38f)]
    [InlineData(88.73f, float.PositiveInfinity)]
    [InlineData(float.MaxValue, float.PositiveInfinity)]
    [InlineData(-103.97f, float.Epsilon)]
    [InlineData(-104f, 0f)]
    [InlineData(float.MinValue, 0f)]
    [InlineData(0f, 1f)]
    public void Exp_of_edges(float x, float expected)
    {
        Numbers.AssertSameBits([expected], [VectorMath.Exp(x)]);
        Numbers.AssertSameBits([expected], [VectorMath.Exp(Vector512.Create(x))[3]]);
    }

    [Theory]
    [InlineData(0f, float.NegativeInfinity)]
    [InlineData(-1f, float.NaN)]
    [InlineData(float.NegativeInfinity, float.NaN)]
    [InlineData(float.NaN, float.NaN)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(1f, 0f)]
    [InlineData(float.Epsilon, -103.27893f)]
    [InlineData(float.MaxValue, 88.72284f)]
    public void Log_of_edges(float x, float expected)
    {
        Numbers.AssertSameBits([expected], [VectorMath.Log(x)]);
        Numbers.AssertSameBits([expected], [VectorMath.Log(Vector512.Create(x))[3]]);
    }

    [Theory]
    [InlineData(-1f, float.NegativeInfinity)]
    [InlineData(-2f, float.NaN)]
    [InlineData(float.NaN, float.NaN)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.Epsilon, float.Epsilon)]
    [InlineData(0f, 0f)]
    [InlineData(1e-20f, 1e-20f)]
    public void Log1p_of_edges(float x, float expected)
    {
        Numbers.AssertSameBits([expected], [VectorMath.Log1p(x)]);
        Numbers.AssertSameBits([expected], [VectorMath.Log1p(Vector512.Create(x))[3]]);
    }

    private static double Log1p(double x)
    {
        if (Math.Abs(x) < 1e-4)
            return x - (x * x / 2) + (x * x * x / 3) - (x * x * x * x / 4);
        return Math.Log(1 + x);
    }

    private static void AssertUlp(
        Func<float, float> scalar, Func<Vector512<float>, Vector512<float>> vector, Func<double, double> exact)
    {
        Span<float> inputs = stackalloc float[16];
        Span<float> outputs = stackalloc float[16];
        Span<float> expected = stackalloc float[16];
        for (ulong pattern = 0; pattern <= uint.MaxValue;)
        {
            for (var i = 0; i < 16; i++, pattern += PatternStride)
            {
                inputs[i] = BitConverter.UInt32BitsToSingle((uint)pattern);
                expected[i] = scalar(inputs[i]);
                AssertUlp(inputs[i], expected[i], exact(inputs[i]));
            }

            vector(Vector512.Create<float>(inputs)).CopyTo(outputs);
            Numbers.AssertSameBits(expected, outputs);
        }
    }

    private static void AssertUlp(float x, float actual, double exact)
    {
        var rounded = (float)exact;
        if (!float.IsFinite(rounded) || !float.IsFinite(actual))
        {
            if (Numbers.Bits(rounded) != Numbers.Bits(actual))
                Assert.Fail($"x = {x:R}: expected {rounded:R}, found {actual:R}");
            return;
        }

        var ulp = (double)MathF.BitIncrement(Math.Abs(rounded)) - Math.Abs(rounded);
        if (Math.Abs(actual - exact) > 2 * ulp)
            Assert.Fail($"x = {x:R}: expected {exact:R}, found {actual:R}, {Math.Abs(actual - exact) / ulp:F2} ulp");
    }
}
