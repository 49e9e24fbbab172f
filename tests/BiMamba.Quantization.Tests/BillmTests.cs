using BiMamba.Passes.Billm;
using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Quantization;

/// <summary>What BiLLM's result promises about itself.</summary>
public sealed class BillmTests
{
    [Theory]
    [InlineData("ragged_112x328", SalientMetric.Hessian, 2)]
    [InlineData("narrow_64x290", SalientMetric.Magnitude, 2)]
    [InlineData("degenerate_56x192", SalientMetric.Hessian, 1)]
    public void The_result_does_not_depend_on_the_number_of_threads(string layer, SalientMetric metric, int orders)
    {
        var problem = BillmProblem.Load(layer);
        var settings = new BillmSettings(metric, SalientOrders: orders);
        var (one, three) = (problem.Quantize(settings, "braq", threads: 1), problem.Quantize(settings, "braq", threads: 3));
        Assert.Equal(one.Dequantized, three.Dequantized);
        Assert.Equal(one.Weight.Sign, three.Weight.Sign);
        Assert.Equal(one.Weight.Region, three.Weight.Region);
        Assert.Equal(one.Weight.Scale, three.Weight.Scale);
        Assert.Equal(one.Weight.Mean, three.Weight.Mean);
        Assert.Equal(one.Splits, three.Splits);
        Assert.Equal(one.Loss, three.Loss);
    }

    [Theory]
    [MemberData(nameof(BillmOracleTests.Layers), MemberType = typeof(BillmOracleTests))]
    public void The_parts_stand_for_the_values(string layer, int _)
    {
        var problem = BillmProblem.Load(layer);
        var result = problem.Quantize(new BillmSettings(), "braq");
        Assert.Equal(result.Dequantized, result.Weight.Dequantize());
        Assert.All(result.Weight.Sign, sign => Assert.InRange(sign, -1, 1));
        for (var at = 0; at < result.Weight.Region.Length; at++)
            Assert.True(result.Weight.Salient[at % problem.Columns] || result.Weight.Region[at] is -1 or 1);
        Assert.Equal(result.Weight.Salient.Count(marked => marked), result.SalientColumns.Sum());
    }

    [Theory]
    [MemberData(nameof(BillmOracleTests.Layers), MemberType = typeof(BillmOracleTests))]
    public void Half_scales_move_a_value_by_the_rounding_of_its_parts(string layer, int _)
    {
        var weight = BillmProblem.Load(layer).Quantize(new BillmSettings(), "braq").Weight;
        var half = weight.WithHalfScales();
        Assert.All(half.Scale.Concat(half.Mean), value => Assert.Equal((float)(Half)value, value));
        var (before, after) = (weight.Dequantize(), half.Dequantize());
        for (var at = 0; at < before.Length; at++)
        {
            var group = (at / weight.Columns * weight.Blocks) + (at % weight.Columns / weight.Block);
            var parts = weight.Scale.AsSpan(group * BraqWeight.ScaleCount, BraqWeight.ScaleCount).ToArray()
                .Concat(weight.Mean.AsSpan(group * BraqWeight.MeanCount, BraqWeight.MeanCount).ToArray());
            // Half a unit in the last of 11 bits, or of the smallest subnormal, for each of three parts.
            var bound = 3 * ((parts.Max(Math.Abs) / 2048) + 3e-8);
            Assert.True(Math.Abs((double)before[at] - after[at]) <= bound);
        }
    }

    [Fact]
    public void One_salient_order_leaves_the_second_scale_and_sign_zero()
    {
        var weight = BillmProblem.Load("tiny_48x64").Quantize(new BillmSettings(SalientOrders: 1), "braq").Weight;
        for (var at = 0; at < weight.Region.Length; at++)
            Assert.Equal(weight.Salient[at % weight.Columns], weight.Region[at] == 0);
        Assert.All(weight.Scale.Chunk(BraqWeight.ScaleCount), scales => Assert.Equal(0, scales[3]));
    }

    [Fact]
    public void Feedback_lowers_the_output_error()
    {
        var problem = BillmProblem.Load("medium_192x384");
        var with = problem.ProxyLoss(problem.Quantize(new BillmSettings(), "braq").Dequantized);
        var without = problem.ProxyLoss(problem.Quantize(new BillmSettings(Feedback: false), "braq").Dequantized);
        Assert.True(with < without);
    }

    [Theory]
    [InlineData(1, 1, 128)]
    [InlineData(1, 5, 4)]
    [InlineData(67, 3, 1)]
    [InlineData(5, 130, 128)]
    public void Any_shape_is_binarized(int rows, int columns, int block)
    {
        var weight = Enumerable.Range(0, rows * columns).Select(i => (float)Math.Sin(i * 1.7)).ToArray();
        var factor = new float[columns * columns];
        for (var j = 0; j < columns; j++)
            factor[(j * columns) + j] = 1;
        var problem = new BillmProblem(rows, columns, weight, factor, factor, new bool[columns]);
        var result = problem.Quantize(new BillmSettings(Block: block), "braq");
        Assert.All(result.Dequantized, value => Assert.True(float.IsFinite(value)));
        // With H = U = 1 nothing is fed back, and the loss is half the squared error.
        Assert.Equal(problem.ProxyLoss(result.Dequantized) / 2, result.Loss, 1e-9 + (1e-6 * result.Loss));
    }

    [Fact]
    public void A_weight_of_one_value_is_its_mean()
    {
        var weight = Enumerable.Repeat(0.3f, 6 * 10).ToArray();
        var factor = SlowFactor.Of([.. Enumerable.Range(0, 100).Select(at => at % 11 == 0 ? 2f : 0.5f)], 10);
        var result = new BillmProblem(6, 10, weight, factor, factor, new bool[10]).Quantize(new BillmSettings(), "braq");
        Assert.Equal(weight, result.Dequantized);
        Assert.Equal(0, result.Loss);
        Assert.All(result.Weight.Sign, sign => Assert.Equal(0, sign));
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        var options = new ParallelOptions();
        Assert.Throws<ArgumentException>(() => BillmQuantizer.Quantize(new float[5], 2, 3, new float[9], new bool[3], new BillmSettings(), options));
        Assert.Throws<ArgumentException>(() => BillmQuantizer.Quantize(new float[6], 2, 3, new float[8], new bool[3], new BillmSettings(), options));
        Assert.Throws<ArgumentException>(() => BillmQuantizer.Quantize(new float[6], 2, 3, new float[9], new bool[2], new BillmSettings(), options));
        Assert.Throws<ArgumentOutOfRangeException>(() => BillmQuantizer.Quantize([], 0, 3, new float[9], new bool[3], new BillmSettings(), options));
        Assert.Throws<ArgumentOutOfRangeException>(() => BillmQuantizer.Quantize(new float[6], 2, 3, new float[9], new bool[3], new BillmSettings(Block: 0), options));
        Assert.Throws<ArgumentException>(() => new BraqWeight(2, 3, 2, new sbyte[6], new sbyte[6], new bool[3], new float[16], new float[11], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BraqWeight(2, 3, 2, new sbyte[6], new sbyte[6], new bool[3], new float[16], new float[12], 3));
    }
}
