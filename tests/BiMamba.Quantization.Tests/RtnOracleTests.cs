using System.Text.Json;
using BiMamba.Passes.Gptq;
using BiMamba.Passes.Shared.Coding;
using BiMamba.Passes.Shared.LowBit;

namespace BiMamba.Quantization;

/// <summary>Rounding to nearest against what the official quantizer gave, for every variant.</summary>
public sealed class RtnOracleTests
{
    public static TheoryData<string> LayerNames => Layers.Theory;

    [Theory]
    [MemberData(nameof(LayerNames))]
    public void Every_variant_is_met(string layer)
    {
        var problem = Oracle.Load("layer", layer);
        var oracle = Oracle.Load("gptq", layer);
        var failures = new List<string>();
        var count = 0;
        foreach (var variant in Layers.Variants(oracle, "rtn_"))
        {
            count++;
            if (oracle.Has(variant.Name + ".Q"))
                CheckTrits(problem, oracle, variant.Name, failures);
            else
                Check(problem, oracle, variant.Name, variant.Value, failures);
        }

        Assert.NotEqual(0, count);
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static void Check(Oracle problem, Oracle oracle, string name, JsonElement variant, List<string> failures)
    {
        var weight = problem.Floats("W");
        int rows = (int)problem.Shape("W")[0], columns = (int)problem.Shape("W")[1];
        var settings = new GridSettings(
            variant.GetProperty("bits").GetInt32(), Layers.Flag(variant, "sym"), Layers.Flag(variant, "mse"), Layers.PerTensor(variant));
        var coded = RoundToNearest.Quantize(weight, rows, columns, settings, Layers.Group(variant), Layers.Threads(1));
        var threaded = RoundToNearest.Quantize(weight, rows, columns, settings, Layers.Group(variant), Layers.Threads(3));
        Assert.Equal(coded.Codes, threaded.Codes);
        Assert.Equal(coded.Scale, threaded.Scale);
        Assert.Equal(coded.Zero, threaded.Zero);

        // All of fp32 is done as published, so that even ranges searched for the least error come out in the same bits.
        if (!coded.Codes.AsSpan().SequenceEqual(oracle.Bytes(name + ".code")))
            failures.Add($"{name}: {Layers.RowsThatDiffer(oracle.Bytes(name + ".code"), coded.Codes, columns)} rows of codes differ");
        if (!coded.Scale.AsSpan().SequenceEqual(oracle.Floats(name + ".scale")))
            failures.Add($"{name}: scales differ by {Layers.RelativeError(oracle.Floats(name + ".scale"), coded.Scale):R}");
        if (!Array.ConvertAll(coded.Zero, zero => (float)zero).AsSpan().SequenceEqual(oracle.Floats(name + ".zero")))
            failures.Add($"{name}: zeros differ");
        if (!PackedForm.Read(new LoweredCodes(coded), rows, columns).AsSpan().SequenceEqual(coded.Dequantize()))
            failures.Add($"{name}: the packed form stands for other weights");
        var loss = ProxyLoss.Compute(weight, coded.Dequantize(), problem.Floats("H"), rows, columns, Layers.Threads(1));
        var expected = variant.GetProperty("proxy_loss").GetDouble();
        if (Math.Abs(loss - expected) > 1e-9 * expected)
            failures.Add($"{name}: loss {loss:R}, expected {expected:R}");
    }

    private static void CheckTrits(Oracle problem, Oracle oracle, string name, List<string> failures)
    {
        var weight = problem.Floats("W");
        int rows = (int)problem.Shape("W")[0], columns = (int)problem.Shape("W")[1];
        var levels = TritGrid.Quantize(weight, rows, columns, out var ready);
        if (ready != Array.TrueForAll(oracle.Floats(name + ".scale"), scale => scale != 0))
            failures.Add($"{name}: ready is {ready}");
        if (!levels.AsSpan().SequenceEqual(oracle.Floats(name + ".Q")))
            failures.Add($"{name}: levels differ");
    }
}
