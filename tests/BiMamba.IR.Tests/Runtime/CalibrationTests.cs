using BiMamba.Diagnostics;
using BiMamba.Runtime.Calibration;

namespace BiMamba.IR.Tests;

/// <summary>What calibration measures, and the windows that it takes.</summary>
public sealed class CalibrationTests
{
    private static readonly int[][] Samples = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 3], [8, 8, 1, 0, 5]];

    [Fact]
    public void Windows_are_drawn_as_Python_draws_them()
    {
        // random.seed(0), then random.randint(0, 999999) four times.
        var random = new PythonRandom(0);
        Assert.Equal([885440, 403958, 794772, 933488], Enumerable.Range(0, 4).Select(_ => random.Between(0, 999_999)));
    }

    [Fact]
    public void A_text_of_one_window_and_one_token_is_enough()
    {
        var bag = new DiagnosticBag();
        var ids = Enumerable.Range(0, 9).ToArray();
        Assert.All(CalibrationSampler.Draw(ids, 3, 8, 0, "text", bag)!, window => Assert.Equal(ids[..8], window));
        Assert.Null(CalibrationSampler.Draw(ids, 3, 9, 0, "text", bag));
        Assert.Equal("BIM5002", Assert.Single(bag.Items).Id);
    }

    [Fact]
    public void Moments_are_those_of_the_values_that_a_run_shows()
    {
        var module = Mamba1Sample.Build();
        var run = new SampledCalibration(Samples, 2).Start(TestContext.Current.CancellationToken);
        run.Advance(module);
        var moments = run.Capture(module, "r");
        var expected = new double[10 * 10];
        foreach (var ids in Samples)
        {
            var rows = Running.BlockResult(module, 0, ids);
            for (var at = 0; at < expected.Length; at++)
            {
                for (var t = 0; t < ids.Length; t++)
                    expected[at] += 2.0 / Samples.Length * rows[(t * 10) + (at / 10)] * rows[(t * 10) + (at % 10)];
            }
        }

        Assert.Equal(Samples.Sum(ids => ids.Length), moments.Tokens);
        for (var at = 0; at < expected.Length; at++)
            Assert.Equal(expected[at], moments.Hessian[at], 1e-4);
    }

    [Fact]
    public void What_was_looked_at_last_is_not_computed_again_and_gives_the_same_bits()
    {
        var module = Mamba1Sample.Build();
        var (direct, kept) = (new SampledCalibration(Samples, 1).Start(TestContext.Current.CancellationToken), new SampledCalibration(Samples, 2).Start(TestContext.Current.CancellationToken));
        direct.Advance(module);
        kept.Advance(module);
        kept.Capture(module, "y");
        direct.Advance(module);
        kept.Advance(module);
        Running.AssertSameBits(direct.Capture(module, "h").Hessian, kept.Capture(module, "h").Hessian);
    }
}
