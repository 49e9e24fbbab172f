using BiMamba.Passes.OneBit;
using BiMamba.Passes.Shared.Coding;
using BiMamba.Passes.Ternary;
using BiMamba.Passes.Xnor;

namespace BiMamba.Quantization;

/// <summary>Signs with scales: means, the leading singular pair, and trits.</summary>
public sealed class SignScaleTests
{
    private static readonly ParallelOptions options = new() { MaxDegreeOfParallelism = 2 };

    [Theory]
    [InlineData(ScaleAxis.Row, XnorCenter.None, new[] { 2f, 2f, -2f, 1.5f, -1.5f, 0f })]
    [InlineData(ScaleAxis.Column, XnorCenter.None, new[] { 1.75f, 2f, -1.5f, 1.75f, -2f, 0f })]
    [InlineData(ScaleAxis.Tensor, XnorCenter.None, new[] { 1.75f, 1.75f, -1.75f, 1.75f, -1.75f, 0f })]
    public void Plain_scales_are_mean_magnitudes(ScaleAxis axis, XnorCenter center, float[] expected)
    {
        // The row means of |W| are 2 and 1.5 with the zero in the count of neither sign but of the mean.
        float[] weight = [1, 2, -3, 2.5f, -2, 0];
        var binarized = XnorQuantizer.Quantize(weight, 2, 3, new XnorSettings(axis, center));
        Assert.Equal([1, 1, -1, 1, -1, 0], binarized.Sign);
        Assert.Equal(expected, binarized.Dequantize());
    }

    [Theory]
    [InlineData(ScaleAxis.Row)]
    [InlineData(ScaleAxis.Column)]
    [InlineData(ScaleAxis.Tensor)]
    public void A_restored_mean_is_a_shift_beside_the_signs_of_the_weight(ScaleAxis axis)
    {
        float[] weight = [1, 3, 5, 7];
        var binarized = XnorQuantizer.Quantize(weight, 2, 2, new XnorSettings(axis, XnorCenter.Restore));
        Assert.All(binarized.Sign, sign => Assert.Equal(1, sign));
        float[] expected = axis switch { ScaleAxis.Row => [3, 3, 7, 7], ScaleAxis.Column => [5, 7, 5, 7], _ => [6, 6, 6, 6] };
        Assert.Equal(expected, binarized.Dequantize());
    }

    [Fact]
    public void A_magnitude_of_rank_1_is_decomposed_exactly()
    {
        var (rows, columns) = (70, 45);
        var weight = new float[rows * columns];
        for (var at = 0; at < weight.Length; at++)
            weight[at] = (at % 7 < 3 ? -1 : 1) * (1 + (at / columns)) * (float)Math.Exp(at % columns * 0.1);
        var binarized = Svid.Decompose(weight, rows, columns, options);
        var dequantized = binarized.Dequantize();
        for (var at = 0; at < weight.Length; at++)
            Assert.Equal(weight[at], dequantized[at], 1e-6 * Math.Abs(weight[at]));
        Assert.Equal(Norm(binarized.RowScale!), Norm(binarized.ColumnScale!), 1e-5 * Norm(binarized.RowScale!));
    }

    [Theory]
    [InlineData("tiny_48x64")]
    [InlineData("medium_192x384")]
    [InlineData("ragged_112x328")]
    public void The_singular_pair_is_nonnegative_and_no_worse_than_plain_scales(string layer)
    {
        var source = Oracle.Load("layer", layer);
        var (weight, rows, columns) = (source.Floats("W"), checked((int)source.Shape("W")[0]), checked((int)source.Shape("W")[1]));
        var pair = Svid.Decompose(weight, rows, columns, options);
        Assert.All(pair.RowScale!.Concat(pair.ColumnScale!), value => Assert.True(value >= 0));
        var error = SquaredError(weight, pair);
        foreach (var axis in Enum.GetValues<ScaleAxis>())
            Assert.True(error <= SquaredError(weight, XnorQuantizer.Quantize(weight, rows, columns, new XnorSettings(axis))));
        var again = Svid.Decompose(weight, rows, columns, new ParallelOptions { MaxDegreeOfParallelism = 3 });
        Assert.Equal(pair.RowScale!, again.RowScale!);
        Assert.Equal(pair.ColumnScale!, again.ColumnScale!);
    }

    [Fact]
    public void A_zero_weight_has_zero_scales()
    {
        var binarized = Svid.Decompose(new float[12], 3, 4, options);
        Assert.All(binarized.Dequantize().Concat(binarized.RowScale!).Concat(binarized.ColumnScale!), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Trits_are_rounded_multiples_of_the_mean_magnitude()
    {
        float[] weight = [4, 1, -1, -2, 0.5f, 0, -0.5f, 7];
        var tensor = Absmean.Quantize(weight, 2, 4, ScaleAxis.Tensor);
        Assert.Equal([2f], tensor.Gamma);
        // 1 / (2 + epsilon) is below a half.
        Assert.Equal([1, 0, 0, -1, 0, 0, 0, 1], tensor.Trits);
        Assert.Equal([2f, 0, 0, -2, 0, 0, 0, 2], tensor.Dequantize());
        var row = Absmean.Quantize(weight, 2, 4, ScaleAxis.Row);
        Assert.Equal([2f, 2], row.Gamma);
        Assert.Throws<ArgumentOutOfRangeException>(() => Absmean.Quantize(weight, 2, 4, ScaleAxis.Column));
    }

    [Fact]
    public void Trits_of_a_zero_row_are_zero()
    {
        var ternary = Absmean.Quantize([0, 0, 3, -3], 2, 2, ScaleAxis.Row);
        Assert.Equal([0f, 3], ternary.Gamma);
        Assert.Equal([0f, 0, 3, -3], ternary.Dequantize());
    }

    private static double Norm(float[] vector) => Math.Sqrt(vector.Sum(value => (double)value * value));

    private static double SquaredError(float[] weight, SignWeight binarized) =>
        weight.Zip(binarized.Dequantize()).Sum(pair => Math.Pow((double)pair.First - pair.Second, 2));
}
