using System.Text;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>bimambac bisect on files: what it finds stands on stdout, what it writes is a model for every command.</summary>
public sealed class BisectTests : IDisposable
{
    private const string Pipeline = "fold-fbi{fidelity=official-fp16} | pack";

    private readonly Workplace place = new();

    [Fact]
    public async Task A_stage_that_leaves_the_tolerance_is_an_error_and_the_finding_stands_on_stdout()
    {
        var outcome = (await Cli.Run("bisect", Workplace.BiMamba, "--pipeline", Pipeline)).Is(ExitCode.QualityGate);
        Assert.Contains("error BIM7006: pipeline: stage 1: fold-fbi{fidelity=official-fp16}: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("\npass: stage 1, fold-fbi{fidelity=official-fp16}\nlayer: @layers.0, ", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reproducer_is_a_small_model()
    {
        (await Cli.Run("bisect", Workplace.BiMamba, "--pipeline", Pipeline, "-o", place["repro.bmir"])).Is(ExitCode.QualityGate);
        Assert.InRange(new FileInfo(place["repro.bmir"]).Length + new FileInfo(place["repro.safetensors"]).Length, 1, 16 << 10);
        (await Cli.Run("logits", place["repro.bmir"], "--ids", "0,1,2,3", "-o", place["logits.safetensors"])).Is(ExitCode.Ok);
        Assert.Contains("level quant", (await Cli.Run("opt", place["repro.bmir"])).Is(ExitCode.Ok).Output, StringComparison.Ordinal);
        (await Cli.Run("bisect", place["repro.bmir"], "--tolerance", "1")).Is(ExitCode.Ok);
        (await Cli.Run("bisect", place["repro.bmir"])).Is(ExitCode.QualityGate);
    }

    [Fact]
    public async Task Bad_lines_of_a_text_are_errors()
    {
        (await Cli.Run("bisect", Workplace.BiMamba, "--pipeline", Pipeline, "-o", place["repro.bmir"])).Is(ExitCode.QualityGate);
        var text = await File.ReadAllTextAsync(place["repro.bmir"], TestContext.Current.CancellationToken);
        await place.Fails(ExitCode.Usage, "BIM7001", ["; tolerance", "\"many\""], "bisect", place.Write("repro.bmir", "; tolerance: many\n" + text));
        await place.Fails(ExitCode.Malformed, "BIM5003", ["; ids"], "bisect", place.Write("repro.bmir", "; ids: one\n" + text));
        await place.Fails(ExitCode.Malformed, "BIM5001", ["; ids"], "bisect", place.Write("repro.bmir", "; ids: 16\n" + text));
        await place.Fails(ExitCode.Usage, "BIM3002", ["repro.bmir:1:13: there is no pass 'melt'"], "bisect", place.Write("repro.bmir", "; pipeline: melt\n" + text));
    }

    [Fact]
    public async Task A_reproducer_replaces_no_input()
    {
        (await Cli.Run("bisect", Workplace.BiMamba, "--pipeline", Pipeline, "-o", place["repro.bmir"])).Is(ExitCode.QualityGate);
        await place.Fails(ExitCode.OutputRefused, "BIM6003", ["repro.bmir"], "bisect", place["repro.bmir"], "-o", place["repro.bmir"], "--force");
    }

    [Fact]
    public async Task More_tokens_than_an_array_holds_are_refused_before_the_first_run()
    {
        const int Widest = 902;
        const int Most = 0x7FFFFFC7 / (Widest * sizeof(float));
        var ids = place.Write("many.ids", new StringBuilder().Insert(0, "7 ", Most + 1).ToString());
        await place.Fails(ExitCode.Usage, "BIM7001", [$"at most {Most} tokens", $"found {Most + 1}", "--max-tokens"], "bisect", Workplace.BiMamba, "--pipeline", Pipeline, "--text", ids, "--max-tokens", "1000000000");
    }

    public void Dispose() => place.Dispose();
}
