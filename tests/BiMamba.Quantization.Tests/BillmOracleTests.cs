using System.Globalization;
using System.Text.Json;
using BiMamba.Passes.Billm;
using BiMamba.Passes.Shared.Coding;
using BiMamba.Passes.Shared.LowBit;

namespace BiMamba.Quantization;

/// <summary>BiLLM against the published code, every layer and every variant.</summary>
public sealed class BillmOracleTests
{
    public static TheoryData<string, int> Layers => new()
    {
        { "tiny_48x64", 19 },
        { "small_96x256", 7 },
        { "medium_192x384", 4 },
        { "ragged_112x328", 4 },
        { "narrow_64x290", 7 },
        { "dead_64x192", 7 },
        { "half_80x192", 7 },
        { "lowtok_64x192", 4 },
        { "degenerate_56x192", 7 },
        { "ties_48x128", 7 },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void Every_variant_is_within_its_tolerance(string layer, int variantCount)
    {
        var problem = BillmProblem.Load(layer);
        var oracle = Oracle.Load("billm", layer);
        var variants = oracle.Metadata("variants").EnumerateObject().ToArray();
        Assert.Equal(variantCount, variants.Length);
        var faults = new List<string>();
        foreach (var variant in variants)
        {
            if (oracle.Has($"{variant.Name}.Q"))
                faults.AddRange(Check(problem, oracle, variant.Name, variant.Value).Select(fault => $"{variant.Name}: {fault}"));
            else
                AssertNoResult(variant.Name.Split('_')[0], variant.Value);
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Blocks_stand_as_earlier_blocks_left_them()
    {
        var problem = BillmProblem.Load("small_96x256");
        var oracle = Oracle.Load("billm", "small_96x256");
        foreach (var name in new[] { "braq_hessian_bs128_gptq", "braq_magnitude_bs128_gptq" })
        {
            var settings = BillmProblem.Settings(oracle.Metadata("variants").GetProperty(name));
            var result = problem.Quantize(settings, "braq");
            Assert.Empty(Compare.Within(name, oracle.Floats($"{name}.Wblk"), problem.AsQuantized(result, settings.Block), 1e-3 * problem.Rms));
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void The_first_border_of_magnitudes_is_that_quantile(string layer, int _)
    {
        var problem = BillmProblem.Load(layer);
        var oracle = Oracle.Load("billm", layer);
        foreach (var variant in oracle.Metadata("variants").EnumerateObject().Where(variant => oracle.Has($"{variant.Name}.Q")))
        {
            var settings = BillmProblem.Settings(variant.Value);
            if (settings.Metric != SalientMetric.Magnitude || !variant.Value.GetProperty("robust").GetBoolean())
                continue;
            var result = problem.Quantize(settings, variant.Value.GetProperty("method").GetString()!);
            // The last bit of a fraction depends on the vector width that torch was built for.
            var expected = oracle.Doubles($"{variant.Name}.split")[0];
            Assert.Equal(expected, result.Splits[0], 1e-6 * expected);
        }
    }

    /// <summary>Methods without a result to compare: they raise in the published code, give zeros, or give the weight back.</summary>
    private static void AssertNoResult(string method, JsonElement variant)
    {
        if (method is "prune" or "no")
            Assert.Equal(method == "prune" ? "result is all zero" : "result is W with dead columns zeroed", variant.GetProperty("note").GetString());
        else
            Assert.True(method is "xnor" or "sign" or "rtn" && variant.TryGetProperty("exception", out _), method);
    }

    private static IEnumerable<string> Check(BillmProblem problem, Oracle oracle, string name, JsonElement variant)
    {
        var settings = BillmProblem.Settings(variant);
        var result = problem.Quantize(settings, variant.GetProperty("method").GetString()!);
        var stable = oracle.Has($"{name}.stable_Q");
        var prefix = stable ? $"{name}.stable_" : $"{name}.";
        var (expected, regions, splits) = (oracle.Floats(prefix + "Q"), oracle.Bytes(prefix + "region"), oracle.Doubles(prefix + "split"));
        var faults = stable || variant.GetProperty("robust").GetBoolean()
            ? CheckRobust(problem, result, expected, regions, splits)
            : CheckFragile(problem, result, expected, regions, variant);
        return variant.GetProperty("method").GetString() == "braq" ? faults.Concat(CheckPacked(result)) : faults;
    }

    /// <summary>The packed form differs by the rounding to fp16 of the scales and means that make a weight, and of their sum to fp32.</summary>
    private static IEnumerable<string> CheckPacked(BillmResult result)
    {
        const double Half = 1.0 / (1 << 11);
        const double LeastHalf = 1.0 / (1 << 25);
        var weight = result.Weight;
        var packed = PackedForm.Read(new LoweredBraq(weight), weight.Rows, weight.Columns);
        for (var at = 0; at < packed.Length; at++)
        {
            var (row, column) = (at / weight.Columns, at % weight.Columns);
            var group = (row * weight.Blocks) + (column / weight.Block);
            float Scale(int which) => Math.Abs(weight.Scale[(group * BraqWeight.ScaleCount) + which]);
            float Mean(int which) => Math.Abs(weight.Mean[(group * BraqWeight.MeanCount) + which]);
            var region = weight.Region[at] > 0 ? 1 : 0;
            var parts = weight.Salient[column] ? Mean(2) + Scale(2) + Scale(3) : Mean(region) + Scale(region);
            if (Math.Abs(packed[at] - result.Dequantized[at]) > (1.001 * Half * parts) + (3 * LeastHalf))
                yield return Line($"row {row}, column {column} is packed as {packed[at]:R}, not {result.Dequantized[at]:R}");
        }
    }

    private static IEnumerable<string> CheckRobust(BillmProblem problem, BillmResult result, float[] expected, byte[] regions, double[] splits)
    {
        var different = regions.Zip(BillmProblem.Regions(result.Weight)).Count(pair => pair.First != pair.Second);
        if (different > 0)
            yield return Line($"{different} regions differ");
        foreach (var fault in Compare.Within("Q", expected, result.Dequantized, 1e-3 * problem.Rms))
            yield return fault;
        for (var block = 0; block < splits.Length; block++)
        {
            if (Math.Abs(splits[block] - result.Splits[block]) > 1e-4 * Math.Abs(splits[block]))
                yield return Line($"border of block {block} is {result.Splits[block]}, not {splits[block]}");
        }

        var (loss, official) = (problem.ProxyLoss(result.Dequantized), problem.ProxyLoss(expected));
        if (Math.Abs(loss - official) > 1e-4 * official)
            yield return Line($"loss {loss}, not {official}");
    }

    private static IEnumerable<string> CheckFragile(BillmProblem problem, BillmResult result, float[] expected, byte[] regions, JsonElement variant)
    {
        var different = regions.Zip(BillmProblem.Regions(result.Weight)).Count(pair => pair.First != pair.Second);
        if (different > 0.005 * regions.Length)
            yield return Line($"{different} of {regions.Length} regions differ");
        var rows = problem.RowsThatDiffer(expected, result.Dequantized);
        if (rows > 0.1 * problem.Rows)
            yield return Line($"{rows} of {problem.Rows} rows differ");
        var official = variant.GetProperty("proxy_loss").GetDouble();
        var loss = problem.ProxyLoss(result.Dequantized);
        if (Math.Abs(loss - official) > 0.015 * official)
            yield return Line($"loss {loss}, not {official}");
        var officialError = variant.GetProperty("official_error").GetDouble();
        if (officialError != 0 && Math.Abs(result.Loss - officialError) > 0.015 * officialError)
            yield return Line($"error {result.Loss}, not {officialError}");
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
