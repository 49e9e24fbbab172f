namespace BiMamba.Kernels.Tests;

public class NormTests
{
    private const float Epsilon = 1e-5f;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 17, 17)]
    [InlineData(2, 33, 11)]
    [InlineData(5, 96, 48)]
    [InlineData(2, 768, 768)]
    public void Plain_norm(int tokens, int width, int groupSize)
    {
        var x = Numbers.Random(tokens * width, 41);
        foreach (var weight in new[] { [], Numbers.Random(width, 42) })
        {
            var scalar = new float[x.Length];
            var vector = new float[x.Length];
            RmsNorm.RunScalar(new Rows(x, tokens, width), weight, Epsilon, groupSize, new MutableRows(scalar, tokens, width));
            var stride = width + 2;
            RmsNorm.Run(
                new Rows(Numbers.Strided(x, tokens, width, stride), tokens, width, stride), weight, Epsilon, groupSize,
                new MutableRows(vector, tokens, width));
            Numbers.AssertSameBits(scalar, vector);
            AssertExact(x.Select(v => (double)v).ToArray(), null, weight, groupSize, false, scalar, width);
            var inPlace = (float[])x.Clone();
            RmsNorm.Run(new Rows(inPlace, tokens, width), weight, Epsilon, groupSize, new MutableRows(inPlace, tokens, width));
            Numbers.AssertSameBits(scalar, inPlace);
        }
    }

    [Theory]
    [InlineData(1, 1, 1, false)]
    [InlineData(3, 17, 17, true)]
    [InlineData(2, 66, 33, false)]
    [InlineData(2, 66, 33, true)]
    [InlineData(2, 1536, 1536, false)]
    public void Gated_norm(int tokens, int width, int groupSize, bool normBeforeGate)
    {
        var x = Numbers.Random(tokens * width, 43);
        var z = Numbers.Random(tokens * width, 44, 4f);
        var weight = Numbers.Random(width, 45);
        var scalar = new float[x.Length];
        GatedRmsNorm.RunScalar(
            new Rows(x, tokens, width), new Rows(z, tokens, width), weight, Epsilon, groupSize, normBeforeGate,
            new MutableRows(scalar, tokens, width));
        var stride = width + 7;
        var gate = new Rows(Numbers.Strided(z, tokens, width, stride), tokens, width, stride);
        var vector = (float[])x.Clone();
        GatedRmsNorm.Run(
            new Rows(vector, tokens, width), gate, weight, Epsilon, groupSize, normBeforeGate, new MutableRows(vector, tokens, width));
        Numbers.AssertSameBits(scalar, vector);
        AssertExact(
            x.Select(v => (double)v).ToArray(), z.Select(v => Numbers.Silu(v)).ToArray(), weight, groupSize, normBeforeGate,
            scalar, width);
    }

    [Fact]
    public void Not_a_number_stays_in_its_group()
    {
        var x = Numbers.Random(48, 46);
        x[20] = float.NaN;
        var y = new float[48];
        RmsNorm.Run(new Rows(x, 1, 48), [], Epsilon, 16, new MutableRows(y, 1, 48));
        for (var i = 0; i < 48; i++)
            Assert.Equal(i is >= 16 and < 32, float.IsNaN(y[i]));
    }

    [Fact]
    public void Groups_must_divide_the_row() => Assert.Throws<ArgumentException>(
        () => RmsNorm.Run(new Rows(new float[10], 1, 10), [], Epsilon, 4, new MutableRows(new float[10], 1, 10)));

    private static void AssertExact(
        double[] x, double[]? gate, float[] weight, int groupSize, bool normBeforeGate, float[] actual, int width)
    {
        if (gate is not null && !normBeforeGate)
            x = x.Zip(gate, (a, b) => a * b).ToArray();
        for (var first = 0; first < x.Length; first += groupSize)
        {
            var mean = x.Skip(first).Take(groupSize).Sum(v => v * v) / groupSize;
            for (var i = first; i < first + groupSize; i++)
            {
                var expected = x[i] / Math.Sqrt(mean + Epsilon) * (weight.Length == 0 ? 1 : weight[i % width]);
                if (gate is not null && normBeforeGate)
                    expected *= gate[i];
                var roundings = (groupSize / 32.0) + 24;
                Numbers.AssertNear(expected, actual[i], roundings * Numbers.Unit * Math.Abs(expected), $"y[{i}]");
            }
        }
    }
}
