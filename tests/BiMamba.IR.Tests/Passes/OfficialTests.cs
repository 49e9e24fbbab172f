using BiMamba.Diagnostics;
using BiMamba.Tensors;
using static BiMamba.IR.Tests.FbiSample;

namespace BiMamba.IR.Tests;

/// <summary>Fidelity official-fp16: the fp16 levels of the official evaluation, by every way through the passes.</summary>
public sealed class OfficialTests
{
    private const string Official = "fold-fbi{fidelity=official-fp16}";

    /// <summary>2^-25, half the smallest number of fp16: rounds to even, which is 0.</summary>
    private const float Tie = 2.98023224E-08f;

    /// <summary>The next f32 above, which rounds to the smallest number of fp16.</summary>
    private const float AboveTie = 2.9802326E-08f;

    [Theory]
    [InlineData("column", 0)]
    [InlineData("column", 0.02)]
    [InlineData("column", 0.4)]
    [InlineData("single", 0)]
    [InlineData("single", 0.02)]
    [InlineData("single", 0.4)]
    public void Levels_are_those_of_fp16(string pattern, double zeros)
    {
        // A shift far above its scale makes fp16 levels asymmetric, so that a zero is not in their middle.
        var random = Random(21, 37, 50, pattern).WithLatent(0, zeros, 22);
        var sample = random with { Shift = [.. random.Shift.Select((value, i) => i % 2 == 0 ? value * 40 : value)] };
        AssertAllStages(sample);
        // The levels differ from those of fidelity latent by more than the bound.
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => sample.AssertExact(Run(Running.Apply(sample.Build(), "fold-fbi")), official: true));
    }

    [Theory]
    [InlineData(Tie, 0)]
    [InlineData(-Tie, 0)]
    [InlineData(AboveTie, 1)]
    [InlineData(-AboveTie, -1)]
    [InlineData(0f, 0)]
    [InlineData(1e-40f, 0)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(float.NegativeInfinity, -1)]
    [InlineData(70000f, 1)]
    public void Signs_are_taken_after_the_cast_to_fp16(float latent, int expected)
    {
        var sample = Random(23, 3, 70).WithLatent(latent, 1, 1);
        var folded = Running.Apply(sample.Build(), Official);
        Assert.All(folded.Resources["layers.0.in_proj.sign"].Data.ToBytes(), value => Assert.Equal(expected, (sbyte)value));
        if (float.IsFinite(latent))
            AssertAllStages(sample);
        var asStored = Running.Apply(sample.Build(), "fold-fbi");
        Assert.All(asStored.Resources["layers.0.in_proj.sign"].Data.ToBytes(), value => Assert.Equal(Math.Sign(latent), (sbyte)value));
    }

    [Fact]
    public void Zeros_of_both_signs_and_underflow_among_others()
    {
        var sample = Random(24, 37, 50).WithLatent(0, 0.01, 1).WithLatent(-0f, 0.01, 2).WithLatent(1e-9f, 0.01, 3).WithLatent(-Tie, 0.01, 4);
        var random = sample with { Shift = [.. sample.Shift.Select(value => value * 40)] };
        AssertAllStages(random);
        var bag = new DiagnosticBag();
        Running.Apply(random.Build(), Official + " | pack", bag);
        var zeros = random.Latent.Count(value => (float)(Half)value == 0);
        Assert.Contains(bag.Items, item => item.Id == "BIM2104" && item.Message.StartsWith($"{zeros} of 1850 weights", StringComparison.Ordinal));
    }

    [Fact]
    public void A_scale_below_fp16_makes_columns_constant()
    {
        var random = Random(25, 37, 50).WithLatent(0, 0.1, 1);
        AssertAllStages(random with { Scale = [.. random.Scale.Select((value, j) => j % 2 == 0 ? 1e-9f : value)] });
    }

    [Fact]
    public void A_scale_that_the_shift_swallows_in_one_direction()
    {
        // Around 2048 the steps of fp16 are 1 below and 2 above.
        var random = Random(26, 37, 50).WithLatent(0, 0.1, 1);
        AssertAllStages(random with { Scale = [.. random.Scale.Select(_ => 0.75f)], Shift = [.. random.Shift.Select(_ => 2048f)] });
    }

    [Theory]
    [InlineData(Official)]
    [InlineData("pack")]
    public void A_row_pattern_with_asymmetric_levels_is_refused(string pipeline)
    {
        var random = Random(27, 37, 50, "row");
        var module = AsOfficial((random with { Shift = [.. random.Shift.Select(value => value * 40)] }).Build());
        var bag = new DiagnosticBag();
        Assert.Null(Running.TryApply(module, pipeline, bag));
        var error = Assert.Single(bag.Items, item => item.Severity == Severity.Error);
        Assert.Equal(("BIM2106", "layers.0.in_proj.weight", "use fidelity=latent"), (error.Id, error.Place.Tensor, error.Hint));
        Assert.Equal(ExitCode.Unsupported, bag.ExitCode);
    }

    [Fact]
    public void A_row_pattern_with_symmetric_levels_is_kept()
    {
        var random = Random(28, 37, 50, "row").WithLatent(0, 0.1, 1);
        AssertAllStages(random with { Shift = new float[37], Scale = [.. random.Scale.Select((_, i) => (i + 1) / 64f)] });
    }

    private static void AssertAllStages(FbiSample sample)
    {
        var module = AsOfficial(sample.Build());
        foreach (var pipeline in (string[])["", Official, Official + " | pack", "pack"])
            sample.AssertExact(Run(Running.Apply(module, pipeline)), official: true);
    }

    private static Module AsOfficial(Module module) => Broken.Layer(module, op =>
        op.Code == OpCode.FbiLinear ? op.With(Attributes.Fidelity, new AttributeValue.Word("official-fp16")) : op);
}
