namespace BiMamba.Kernels.Tests;

public class CausalConvTests
{
    [Theory]
    [InlineData(1, 1, 1, false)]
    [InlineData(1, 17, 4, true)]
    [InlineData(3, 33, 4, true)]
    [InlineData(9, 31, 4, false)]
    [InlineData(4, 32, 4, true)]
    [InlineData(5, 16, 7, true)]
    [InlineData(2, 35, 2, true)]
    public void Convolution(int tokens, int channels, int width, bool silu)
    {
        var x = Numbers.Random(tokens * channels, 51);
        var state = Numbers.Random((width - 1) * channels, 52);
        var weight = Numbers.Random(width * channels, 53);
        foreach (var bias in new[] { [], Numbers.Random(channels, 54) })
        {
            var (scalarState, vectorState) = ((float[])state.Clone(), (float[])state.Clone());
            var (scalar, vector) = (new float[x.Length], new float[x.Length]);
            CausalConv.RunScalar(
                new Rows(x, tokens, channels), scalarState, weight, width, bias, silu, 0, channels,
                new MutableRows(scalar, tokens, channels));
            var stride = channels + 3;
            CausalConv.Run(
                new Rows(Numbers.Strided(x, tokens, channels, stride), tokens, channels, stride), vectorState, weight, width,
                bias, silu, 0, channels, new MutableRows(vector, tokens, channels));
            Numbers.AssertSameBits(scalar, vector);
            Numbers.AssertSameBits(scalarState, vectorState);

            float[] all = [.. state, .. x];
            Assert.Equal(all[(tokens * channels)..], scalarState);
            for (var i = 0; i < x.Length; i++)
            {
                double sum = bias.Length == 0 ? 0 : bias[i % channels];
                var magnitude = Math.Abs(sum);
                for (var k = 0; k < width; k++)
                {
                    var product = weight[(k * channels) + (i % channels)] * (double)all[(k * channels) + i];
                    sum += product;
                    magnitude += Math.Abs(product);
                }

                var expected = silu ? Numbers.Silu(sum) : sum;
                Numbers.AssertNear(expected, scalar[i], (width + 8) * Numbers.Unit * magnitude, $"y[{i}]");
            }
        }
    }

    [Fact]
    public void Steps_and_ranges_of_channels_have_the_bits_of_the_whole()
    {
        const int Tokens = 7, Channels = 53, Width = 4;
        var x = Numbers.Random(Tokens * Channels, 55);
        var weight = Numbers.Random(Width * Channels, 56);
        var (wholeState, state) = (new float[(Width - 1) * Channels], new float[(Width - 1) * Channels]);
        var (whole, parts) = (new float[x.Length], new float[x.Length]);
        CausalConv.Run(
            new Rows(x, Tokens, Channels), wholeState, weight, Width, [], true, 0, Channels,
            new MutableRows(whole, Tokens, Channels));
        foreach (var (first, count) in new[] { (0, 20), (20, 33) })
        {
            for (var t = 0; t < Tokens; t++)
            {
                CausalConv.Run(
                    new Rows(x.AsSpan(t * Channels, Channels), 1, Channels), state, weight, Width, [], true, first, count,
                    new MutableRows(parts.AsSpan(t * Channels, Channels), 1, Channels));
            }
        }

        Numbers.AssertSameBits(whole, parts);
        Numbers.AssertSameBits(wholeState, state);
    }
}
