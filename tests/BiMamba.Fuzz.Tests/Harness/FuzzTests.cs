using System.Globalization;

namespace BiMamba.Fuzz.Tests.Harness;

/// <summary>The test of a target. A class of its own for each lets them run side by side.</summary>
public abstract class FuzzTests
{
    private protected abstract FuzzTarget Target { get; }

    [Fact]
    public void Broken_inputs_end_in_a_diagnostic_or_a_result()
    {
        var settings = FuzzSettings.Read();
        if (settings.Target is { } only && only != Target.Name)
            Assert.Skip($"BIMAMBA_FUZZ_TARGET is {only}");
        var run = new FuzzRun(Target, MemoryBounds.Of(Target.Name), settings);
        run.Execute();
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{Target.Name}: {settings.Cases} cases, {run.Accepted} accepted, {settings.Cases / Math.Max(run.Seconds, 1e-9):0} a second, longest {run.Longest:0.0} ms, most memory {run.Memory.Bytes} bytes ({run.Memory.Share:P0} of the bound, case {run.Memory.Number}), ids {string.Join(' ', run.Ids.Select(pair => $"{pair.Key}:{pair.Value}"))}");
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        Assert.True(run.Failures.Count == 0, $"{summary}\n{string.Join('\n', run.Failures)}");
        if (settings.Cases < FuzzSettings.DefaultCases)
            return;
        // A parser that refuses all, or one that accepts all, is not reached by the mutations.
        Assert.InRange(run.Accepted, settings.Cases / 200, settings.Cases * 19 / 20);
    }

    [Fact]
    public void A_case_is_the_same_in_every_run()
    {
        for (var i = 0; i < 50; i++)
            Assert.Equal(FuzzRun.InputOf(Target, i), FuzzRun.InputOf(Target, i));
    }
}
