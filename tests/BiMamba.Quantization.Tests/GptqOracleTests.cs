using System.Text.Json;
using BiMamba.Passes.Gptq;
using BiMamba.Passes.Shared.Coding;
using BiMamba.Passes.Shared.LowBit;

namespace BiMamba.Quantization;

/// <summary>GPTQ against what the official code gave, for every variant.</summary>
public sealed class GptqOracleTests
{
    // What fp32 against fp64 changes in the official code, with room: shared/oracles/ptb/README.md.
    private const double RowsOfSensitive = 0.10;
    private const double LossOfSensitive = 0.015;
    private const double LossOfRobust = 1e-4;

    public static TheoryData<string> LayerNames => Layers.Theory;

    [Theory]
    [MemberData(nameof(LayerNames))]
    public void Every_variant_is_met(string layer)
    {
        var problem = Oracle.Load("layer", layer);
        var oracle = Oracle.Load("gptq", layer);
        var failures = new List<string>();
        var count = 0;
        foreach (var variant in Layers.Variants(oracle, "gptq_"))
        {
            count++;
            Check(problem, oracle, variant.Name, variant.Value, failures);
        }

        Assert.NotEqual(0, count);
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    /// <summary>The two theories go by the prefix of a name: together they leave nothing out.</summary>
    [Fact]
    public void No_variant_is_left_out()
    {
        var oracles = Layers.Names.Select(layer => Oracle.Load("gptq", layer)).ToArray();
        Assert.Equal(136, oracles.Sum(oracle => Layers.Variants(oracle, "gptq_").Count()));
        Assert.Equal(
            oracles.Sum(oracle => Layers.Variants(oracle, "").Count()),
            oracles.Sum(oracle => Layers.Variants(oracle, "gptq_").Count() + Layers.Variants(oracle, "rtn_").Count()));
    }

    private static void Check(Oracle problem, Oracle oracle, string name, JsonElement variant, List<string> failures)
    {
        var settings = Settings(variant);
        var hessian = problem.Floats("H");
        var (result, factor) = Quantize(problem, hessian, variant, settings, threads: 1);
        var (threaded, _) = Quantize(problem, hessian, variant, settings, threads: 3);
        Assert.Equal(result.Weight.Codes, threaded.Weight.Codes);
        Assert.Equal(result.Weight.Scale, threaded.Weight.Scale);
        Assert.Equal(result.Weight.Zero, threaded.Weight.Zero);
        Assert.Equal(result.Loss, threaded.Loss);
        CheckOrder(oracle, name, factor, hessian, failures);
        CheckFormula(result.Weight, failures, name);
        if (!PackedForm.Read(new LoweredCodes(result.Weight), result.Weight.Rows, result.Weight.Columns).AsSpan().SequenceEqual(result.Weight.Dequantize()))
            failures.Add($"{name}: the packed form stands for other weights");

        var dynamic = settings.Group > 0 && !settings.StaticGroups;
        var robust = variant.GetProperty("robust").GetBoolean();
        var differing = Layers.RowsThatDiffer(oracle.Bytes(name + ".code"), NaturalCodes(result.Weight), result.Weight.Columns);
        if (differing > (robust ? 0 : RowsOfSensitive * result.Weight.Rows))
            failures.Add($"{name}: codes of {differing} rows differ");
        if (robust)
        {
            var error = Layers.RelativeError(oracle.Floats(name + ".scale"), result.Weight.Scale);
            if (error > (dynamic ? 1e-4 : 1e-6))
                failures.Add($"{name}: scales differ by {error:R}");
            if (!Array.ConvertAll(result.Weight.Zero, zero => (float)zero).AsSpan().SequenceEqual(oracle.Floats(name + ".zero")))
                failures.Add($"{name}: zeros differ");
        }

        CheckLosses(problem, hessian, name, variant, result, robust ? LossOfRobust : LossOfSensitive, failures);
    }

    private static (GptqResult Result, HessianFactor Factor) Quantize(
        Oracle problem, float[] hessian, JsonElement variant, GptqSettings settings, int threads)
    {
        var options = Layers.Threads(threads);
        int rows = (int)problem.Shape("W")[0], columns = (int)problem.Shape("W")[1];
        var factoring = HessianFactor.Create(hessian, columns, variant.GetProperty("percdamp").GetDouble(), settings.ActOrder, options);
        Assert.Null(factoring.Reason);
        Assert.Empty(factoring.Failed);
        return (GptqQuantizer.Quantize(problem.Floats("W"), rows, columns, factoring.Factor!, settings, options), factoring.Factor!);
    }

    private static GptqSettings Settings(JsonElement variant) => new(
        variant.GetProperty("bits").GetInt32(), Layers.Flag(variant, "sym"), Layers.Group(variant), Layers.Flag(variant, "actorder"),
        Layers.Flag(variant, "static_groups"), Layers.Flag(variant, "mse"), Layers.PerTensor(variant), variant.GetProperty("blocksize").GetInt32());

    /// <summary>The orders agree but for columns of equal diagonal, whose order the official sort leaves open.</summary>
    private static void CheckOrder(Oracle oracle, string name, HessianFactor factor, float[] hessian, List<string> failures)
    {
        if (factor.Order is null)
            return;
        var diagonal = new float[factor.Size];
        for (var i = 0; i < diagonal.Length; i++)
            diagonal[i] = factor.Dead[i] ? 1 : hessian[(i * factor.Size) + i];
        var expected = oracle.Ints(name + ".perm");
        for (var position = 0; position < expected.Length; position++)
        {
            if (diagonal[expected[position]] != diagonal[factor.Order[position]])
                failures.Add($"{name}: position {position} has column {factor.Order[position]}, expected {expected[position]}");
        }
    }

    /// <summary>Dequantized weights are scale * (code - zero), two operations of fp32, at the column of each position.</summary>
    private static void CheckFormula(CodedWeight weight, List<string> failures, string name)
    {
        var levels = weight.Dequantize();
        var width = weight.Group == 0 ? weight.Columns : weight.Group;
        for (var i = 0; i < weight.Codes.Length; i++)
        {
            int row = i / weight.Columns, position = i % weight.Columns;
            var scale = (row * weight.ScaleGroups) + (position / width);
            var steps = (float)(weight.Codes[i] - weight.Zero[scale]);
            var level = levels[(row * weight.Columns) + (weight.Order?[position] ?? position)];
            if (BitConverter.SingleToInt32Bits(level) != BitConverter.SingleToInt32Bits(weight.Scale[scale] * steps))
                failures.Add($"{name}: row {row}, position {position} is {level:R}");
        }
    }

    private static byte[] NaturalCodes(CodedWeight weight)
    {
        var codes = (byte[])weight.Codes.Clone();
        for (var i = 0; weight.Order is not null && i < codes.Length; i++)
            codes[i - (i % weight.Columns) + weight.Order[i % weight.Columns]] = weight.Codes[i];
        return codes;
    }

    private static void CheckLosses(
        Oracle problem, float[] hessian, string name, JsonElement variant, GptqResult result, double bound, List<string> failures)
    {
        var proxy = ProxyLoss.Compute(
            problem.Floats("W"), result.Weight.Dequantize(), hessian, result.Weight.Rows, result.Weight.Columns, Layers.Threads(2));
        Near("proxy_loss", proxy);
        Near("official_error", result.Loss);

        void Near(string key, double actual)
        {
            var expected = variant.GetProperty(key).GetDouble();
            if (!(Math.Abs(actual - expected) <= bound * expected))
                failures.Add($"{name}: {key} {actual:R}, expected {expected:R}");
        }
    }
}
