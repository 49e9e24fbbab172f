using System.Security.Cryptography;
using BiMamba.Tensors;

namespace BiMamba.Synthesis.Tests;

public class SampledTensorTests
{
    private const int Million = 1_000_000;
    private static readonly Distribution Standard = new Distribution.Normal(0, 1);

    public static TheoryData<ElementType> Types => [.. SynthesisOptions.Types];

    private static Tensor Sample(Distribution distribution, long count, ElementType type = ElementType.F32, ulong seed = 1, string name = "x") =>
        new TensorSampler(seed, type).Sample(name, Shape.Of(count), distribution);

    [Theory]
    [MemberData(nameof(Types))]
    public void Pieces_agree_with_the_whole(ElementType type)
    {
        const int count = 1003;
        var tensor = Sample(Standard, count, type);
        var whole = tensor.ToBytes();
        foreach (var start in (int[])[0, 1, 2, 3, 4, 5, 7, 8, 13, 1000])
        {
            foreach (var length in (int[])[0, 1, 2, 3, 5, 6, 8, 9, 31, 64, 1001])
            {
                var piece = new byte[length];
                tensor.Read(start, piece);
                Assert.Equal(whole[start..(start + length)], piece);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_range_outside_is_refused(ElementType type)
    {
        var tensor = Sample(Standard, 10, type);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Read(tensor.ByteLength - 1, new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Read(-1, new byte[2]));
    }

    [Fact]
    public void Elements_beyond_31_bits_are_read()
    {
        var tensor = Sample(Standard, 1L << 33, ElementType.F16);
        var last = new byte[8];
        var overlapping = new byte[12];
        tensor.Read(tensor.ByteLength - 8, last);
        tensor.Read(tensor.ByteLength - 12, overlapping);
        Assert.Equal(overlapping[4..], last);
        Assert.NotEqual(Sample(Standard, 4, ElementType.F16).ToBytes(), last);
    }

    [Fact]
    public void Seed_and_name_change_the_elements()
    {
        var bytes = Sample(Standard, 100).ToBytes();
        Assert.Equal(bytes, Sample(Standard, 100).ToBytes());
        Assert.NotEqual(bytes, Sample(Standard, 100, seed: 2).ToBytes());
        Assert.NotEqual(bytes, Sample(Standard, 100, name: "y").ToBytes());
    }

    // The bytes of a seed are a promise: recipes name it.
    [Theory]
    [InlineData(ElementType.F16, "479aaf5ad19c25a9")]
    [InlineData(ElementType.BF16, "b530d6745ecaac74")]
    [InlineData(ElementType.F32, "8453688ac3ec0b0b")]
    public void The_bytes_of_a_seed_stay(ElementType type, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(Sample(new Distribution.Normal(0, 0.02), 4096, type).ToBytes()))[..16]);

    [Theory]
    [MemberData(nameof(Types))]
    public void A_normal_million_has_the_moments_of_a_normal(ElementType type)
    {
        const double deviation = 0.02;
        var values = Sample(new Distribution.Normal(0, deviation), Million, type).ToSingles();
        double[] moments = [.. Enumerable.Range(1, 4).Select(k => values.Average(v => Math.Pow(v / deviation, k)))];
        // Five standard errors: the variances of x, x^2, x^3, x^4 are 1, 2, 15, 96.
        var error = 5 / Math.Sqrt(Million);
        Assert.InRange(moments[0], -error, error);
        Assert.InRange(moments[1], 1 - (error * Math.Sqrt(2)), 1 + (error * Math.Sqrt(2)));
        Assert.InRange(moments[2], -error * Math.Sqrt(15), error * Math.Sqrt(15));
        Assert.InRange(moments[3], 3 - (error * Math.Sqrt(96)), 3 + (error * Math.Sqrt(96)));
        Assert.InRange(values.Count(v => v < 0) / (double)Million, 0.5 - (error / 2), 0.5 + (error / 2));
    }

    // Shares below some points of the standard normal, from tables of its distribution function.
    [Theory]
    [InlineData(-3, 0.0013498980316301)]
    [InlineData(-1.959963984540054, 0.025)]
    [InlineData(-1, 0.1586552539314571)]
    [InlineData(0.5, 0.6914624612740131)]
    [InlineData(2, 0.9772498680518208)]
    public void A_normal_million_has_the_shares_of_a_normal(double point, double share)
    {
        var below = Sample(Standard, Million).ToSingles().Count(v => v < point) / (double)Million;
        var error = 5 * Math.Sqrt(share * (1 - share) / Million);
        Assert.InRange(below, share - error, share + error);
    }

    [Fact]
    public void Neighbours_are_uncorrelated()
    {
        var values = Sample(Standard, Million).ToSingles();
        foreach (var lag in (int[])[1, 2, 3, 4, 5, 8, 16, 2560])
        {
            var correlation = Enumerable.Range(0, Million - lag).Average(i => (double)values[i] * values[i + lag]);
            Assert.InRange(correlation, -5 / Math.Sqrt(Million - lag), 5 / Math.Sqrt(Million - lag));
        }
    }

    [Fact]
    public void Tensors_of_two_names_are_uncorrelated()
    {
        var (left, right) = (Sample(Standard, Million).ToSingles(), Sample(Standard, Million, name: "y").ToSingles());
        var correlation = left.Zip(right, (a, b) => (double)a * b).Average();
        Assert.InRange(correlation, -5 / Math.Sqrt(Million), 5 / Math.Sqrt(Million));
    }
}
