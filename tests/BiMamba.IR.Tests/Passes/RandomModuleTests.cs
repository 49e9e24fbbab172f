using static BiMamba.IR.Tests.FbiSample;

namespace BiMamba.IR.Tests;

/// <summary>Random FBI-Linears of all patterns, through all ways to level packed, against the formula in fp64.</summary>
public sealed class RandomModuleTests
{
    private const int Modules = 200;

    private static readonly string[] Patterns = ["column", "column", "row", "single"];
    private static readonly float[] Zeros = [0, -0f, 1e-9f];

    [Fact]
    public void Every_lowering_computes_the_formula()
    {
        for (var seed = 1; seed <= Modules; seed++)
        {
            var sample = Draw(seed);
            var module = sample.Build();
            try
            {
                foreach (var pipeline in (string[])["", "fold-fbi", "fold-fbi | pack", "pack"])
                    sample.AssertExact(Run(Running.Apply(module, pipeline)));
            }
            catch (Xunit.Sdk.XunitException e)
            {
                Assert.Fail($"seed {seed}, {sample.Pattern} [{sample.Rows},{sample.Columns}]: {e.Message}");
            }
        }
    }

    [Fact]
    public void Every_official_lowering_computes_the_formula_in_fp16()
    {
        for (var seed = 1; seed <= Modules; seed++)
        {
            var sample = Draw(seed);
            if (sample.Pattern == "row")
                continue;
            sample.AssertExact(Run(Running.Apply(sample.Build(), "fold-fbi{fidelity=official-fp16}")), official: true);
            sample.AssertExact(Run(Running.Apply(sample.Build(), "fold-fbi{fidelity=official-fp16} | pack")), official: true);
        }
    }

    private static FbiSample Draw(int seed)
    {
        var numbers = new Numbers(seed);
        var sample = Random(1000 + seed, 1 + numbers.Below(70), 1 + numbers.Below(140), Patterns[numbers.Below(4)], numbers.Below(2) == 0);
        // Half of the samples have no zeros, the others up to one half.
        if (numbers.Below(2) == 0)
            sample = sample.WithLatent(Zeros[numbers.Below(3)], numbers.Unit() / 2, seed);
        return sample with
        {
            IsGated = numbers.Below(2) == 0,
            Scale = [.. sample.Scale.Select(value => Vary(numbers, value))],
            Shift = numbers.Below(4) == 0 ? new float[sample.Shift.Length] : [.. sample.Shift.Select(value => Vary(numbers, value))],
            Norm = [.. sample.Norm.Select(value => numbers.Below(8) == 0 ? -value : value)],
        };
    }

    private static float Vary(Numbers numbers, float value) => numbers.Below(10) switch
    {
        0 => 0,
        1 => value * 100,
        2 => value / 100,
        _ => value,
    };
}
