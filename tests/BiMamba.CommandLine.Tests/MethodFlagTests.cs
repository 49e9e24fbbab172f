using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>The options of convert that change the pipeline of a post-training method.</summary>
public sealed class MethodFlagTests : IDisposable
{
    private static readonly string[] Calibration = ["--calibration", Workplace.Text, "--nsamples", "2", "--seqlen", "32"];

    private readonly Workplace place = new();

    [Fact]
    public async Task Patterns_and_rules_become_options_of_the_pass()
    {
        var outcome = await Convert("--method", "rtn", "--keep", "in_proj[dt]", "--keep", "*layers.0.out_proj*", "--rule", "in_proj[B,C]:bits=8");
        Assert.Contains("keep=[\"in_proj[dt]\", \"*layers.0.out_proj*\"], rules=[\"in_proj[B,C]:bits=8\"]} | pack", outcome.Output, StringComparison.Ordinal);
        var tensors = (await Cli.Run("inspect", place["out.bimb"])).Is(ExitCode.Ok).Output;
        Assert.Matches("layers\\.0\\.in_proj\\.dt\\.weight +f16\\[6,192\\]", tensors);
        Assert.Matches("layers\\.0\\.in_proj\\.B_C\\.codes +bits1\\[8,128,192\\]", tensors);
        Assert.Matches("layers\\.0\\.in_proj\\.z_x\\.codes +bits1\\[4,768,192\\]", tensors);
        Assert.Matches("layers\\.0\\.out_proj\\.weight +f16\\[192,384\\]", tensors);
        Assert.Matches("layers\\.1\\.out_proj\\.codes +bits1\\[4,192,384\\]", tensors);
    }

    [Fact]
    public async Task A_published_script_is_reproduced_and_the_result_says_so()
    {
        var outcome = await Convert(["--method", "gptq", "--compat", "bimamba-release", "--no-true-sequential", .. Calibration]);
        Assert.Contains("BIM2117", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("true_sequential=false, compat=bimamba-release", (await Cli.Run("inspect", place["out.bimb"])).Is(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BIM7002", "post-training method", "--keep", "in_proj[dt]")]
    [InlineData("BIM7002", "post-training method", "--method", "none", "--no-true-sequential")]
    [InlineData("BIM7002", "post-training method", "--pipeline", "rtn | pack", "--rule", "out_proj:bits=3")]
    [InlineData("BIM3003", "compat", "--method", "rtn", "--compat", "bimamba-release")]
    [InlineData("BIM3003", "true_sequential", "--method", "onebit", "--no-true-sequential")]
    [InlineData("BIM3004", "'bits'", "--method", "billm", "--rule", "out_proj:bits=3")]
    [InlineData("BIM2109", "dense linear", "--method", "rtn", "--keep", "gate_proj")]
    public async Task Options_that_the_method_does_not_have_are_refused(string id, string mention, params string[] args) =>
        await place.ConvertFails(ExitCode.Usage, id, mention, [Workplace.Mamba2, .. args]);

    public void Dispose() => place.Dispose();

    private async Task<Outcome> Convert(params string[] args) => (await Cli.Run(["convert", Workplace.Mamba2, "-o", place["out.bimb"], .. args])).Is(ExitCode.Ok);
}
