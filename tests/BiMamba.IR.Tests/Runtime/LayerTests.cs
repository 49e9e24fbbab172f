namespace BiMamba.IR.Tests;

/// <summary>A whole Mamba-2 layer against its formulas in fp64.</summary>
public sealed class LayerTests(ITestOutputHelper output)
{
    /// <summary>
    /// A layer's roundings: sums of up to 20 terms in two linears, two norms, a convolution and a scan over 24 tokens
    /// whose state decays. Well below one step of fp16, far above what a wrong index or limit gives.
    /// </summary>
    private const double Bound = 2e-5;

    private static readonly Dictionary<string, Mamba2Sample> Samples = new(StringComparer.Ordinal)
    {
        ["plain"] = new() { Groups = 1 },
        ["groups 2"] = new(),
        ["groups 4"] = new() { Groups = 4 },
        ["conv width 1"] = new() { ConvWidth = 1 },
        ["conv width 5"] = new() { ConvWidth = 5 },
        ["d by channel"] = new() { DPerChannel = true },
        ["dt at least 0.9"] = new() { DtMin = 0.9 },
        ["dt at most 0.3"] = new() { DtMax = 0.3 },
        ["dt from 0.5 to 0.7"] = new() { DtMin = 0.5, DtMax = 0.7 },
        ["norm before gate"] = new() { NormBeforeGate = true },
        ["norm in groups"] = new() { NormGroupSize = 5 },
    };

    public static TheoryData<string> Names => [.. Samples.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_layer_computes_its_formulas(string name)
    {
        var sample = Samples[name];
        var module = sample.Build();
        var ids = new Numbers(5).Ids(24, Mamba2Sample.Vocabulary);
        var expected = new Mamba2Reference(sample, module).Run(ids);
        foreach (var pipeline in (string[])["", "fold-fbi", "fold-fbi | pack", "pack"])
        {
            var difference = Difference(expected, Running.BlockResult(Running.Apply(module, pipeline), 1, ids, chunk: 7));
            output.WriteLine($"{name} '{pipeline}': {difference:E2}");
            Assert.InRange(difference, 0, Bound);
        }
    }

    [Fact]
    public void Every_sample_differs_from_the_plain_one()
    {
        var ids = new Numbers(5).Ids(24, Mamba2Sample.Vocabulary);
        var groups = Samples["groups 2"];
        var expected = new Mamba2Reference(groups, groups.Build()).Run(ids);
        foreach (var (name, sample) in Samples.Where(pair => pair.Key != "groups 2"))
            Assert.True(Difference(expected, Running.BlockResult(sample.Build(), 1, ids)) > 100 * Bound, name);
    }

    private static double Difference(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        return expected.Zip(actual, (left, right) => Math.Abs(left - right)).Max() / expected.Max(Math.Abs);
    }
}
