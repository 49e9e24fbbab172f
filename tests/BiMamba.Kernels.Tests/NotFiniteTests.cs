namespace BiMamba.Kernels.Tests;

/// <summary>The first NaN or infinity, in vectors and behind them.</summary>
public sealed class NotFiniteTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void The_first_is_found_wherever_it_stands(float value)
    {
        for (var length = 1; length < 70; length++)
        {
            for (var at = 0; at < length; at++)
            {
                var values = new float[length];
                Array.Fill(values, at % 2 == 0 ? float.MaxValue : -float.Epsilon);
                values[at] = value;
                values[^1] = at < length - 1 ? float.NaN : value;
                Assert.Equal(at, NotFinite.IndexOf(values));
            }
        }
    }

    [Fact]
    public void Finite_numbers_are_none()
    {
        Assert.Equal(-1, NotFinite.IndexOf([]));
        Assert.Equal(-1, NotFinite.IndexOf([.. Enumerable.Range(0, 100).SelectMany(_ => (float[])[0, -0f, float.MaxValue, float.MinValue, float.Epsilon])]));
    }
}
