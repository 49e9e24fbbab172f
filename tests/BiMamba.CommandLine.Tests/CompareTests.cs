using System.Diagnostics;
using System.Text.Json;
using BiMamba.Comparison.Results;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.CommandLine.Tests;

/// <summary>Comparisons: what is measured, what is not measured again, what is refused.</summary>
public sealed class CompareTests : IDisposable
{
    private readonly Workplace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task A_model_against_itself_has_no_difference()
    {
        var report = await Report(RunFile("\"rtn{bits=3} | pack\"", "\"rtn{bits=3} | pack\""));
        var versus = report.Rows[1].Results[0].Versus!;
        Assert.Equal(0, versus.Kl);
        Assert.Equal(1, versus.TopAgreement);
        Assert.Equal(new Interval(0, 0, 0), versus.NllDifference);
        Assert.All(versus.Blocks, block => Assert.Equal(0, block.RelativeError));
        Assert.Equal(8, versus.Blocks.Count);
        Assert.Equal(report.Rows[0].Results[0].Nll, report.Rows[1].Results[0].Nll);
    }

    [Fact]
    public async Task A_low_bit_model_is_worse_by_what_its_perplexity_says()
    {
        var report = await Report(RunFile("null", "\"rtn{bits=2} | pack\""));
        var (full, low) = (report.Rows[0], report.Rows[1]);
        Assert.Equal(("full", "ptb"), (full.Training, low.Training));
        Assert.Null(full.Results[0].Versus);
        var versus = low.Results[0].Versus!;
        Assert.Equal(low.Results[0].Nll - full.Results[0].Nll, versus.NllDifference!.Estimate, 1e-12);
        Assert.InRange(versus.NllDifference.Estimate, versus.NllDifference.Low, versus.NllDifference.High);
        Assert.True(versus.NllDifference.Low > 0);
        Assert.True(versus.Kl > 0.1);
        Assert.InRange(low.Size.BitsPerLinearWeight!.Value, 2, 3);
        Assert.Null(full.Size.BitsPerLinearWeight);
        Assert.True(low.Size.FileBytes < full.Size.FileBytes / 3);
        Assert.Equal(4, low.Results[0].Windows);
        Assert.Equal(4 * 255, low.Results[0].Tokens);

        // The same figures as the command that measures one model.
        var made = Directory.GetFiles(place["work/models"], "*.bimb").Single();
        var single = (await Cli.Run("eval", made, "--text", Workplace.Text, "--context", "256", "--max-windows", "4", "--json")).Is(ExitCode.Ok);
        using var json = JsonDocument.Parse(single.Output);
        Assert.Equal(json.RootElement.GetProperty("perplexity").GetDouble(), low.Results[0].Perplexity, 1e-12);
    }

    [Fact]
    public async Task A_row_trained_in_one_bit_is_called_so()
    {
        var report = await Report(RunFile("null", "\"fold-fbi | pack\"", secondModel: Workplace.BiMamba));
        Assert.Equal("bat", report.Rows[1].Training);
        Assert.Null(report.Rows[1].Results[0].Versus!.Refusal);
    }

    [Fact]
    public async Task Speed_and_memory_are_measured_in_a_process_of_their_own()
    {
        var report = await Report(RunFile("null", "\"rtn{bits=2} | pack\"", speed: true));
        Assert.All(report.Rows, row =>
        {
            Assert.True(row.Speed!.DecodeTokensPerSecond > 0);
            Assert.True(row.Speed.AnonymousBytes is null or > 1 << 20);
        });
    }

    [Fact]
    public async Task A_killed_comparison_repeats_no_finished_cell()
    {
        var run = RunFile("null", "\"rtn{bits=3} | pack\"");
        var cells = place["work/cells"];
        using (var process = Child.Start(new ProcessStartInfo("dotnet", [Child.Assembly, "compare", run, "--work", place["work"]])))
        {
            while (!process.HasExited && (!Directory.Exists(cells) || Directory.GetFiles(cells, "*.json").Length == 0))
                await Task.Delay(5, TestContext.Current.CancellationToken);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var finished = Directory.GetFiles(cells, "*.json");
        Assert.NotEmpty(finished);
        var times = finished.Select(File.GetLastWriteTimeUtc).ToArray();
        var outcome = (await Cli.Run("compare", run, "--work", place["work"])).Is(ExitCode.Ok);
        Assert.Contains("is measured already", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(times, finished.Select(File.GetLastWriteTimeUtc));
        Assert.Equal(2, Directory.GetFiles(cells, "*.json").Length);
        var again = (await Cli.Run("compare", run, "--work", place["work"], "--merge")).Is(ExitCode.Ok);
        Assert.Equal(outcome.Output, again.Output);
    }

    [Fact]
    public async Task Cells_that_were_measured_one_by_one_are_merged()
    {
        var run = RunFile("null", "\"rtn{bits=3} | pack\"");
        var missing = await place.Fails(ExitCode.NotEnough, ComparisonDiagnostics.MissingCells.Id, ["2 of 2 cells have no result: 0 (a on t), 1 (b on t)"], "compare", run, "--work", place["work"], "--merge");
        foreach (var cell in (string[])["1", "0"])
            Assert.Empty((await Cli.Run("compare", run, "--work", place["work"], "--cell", cell)).Is(ExitCode.Ok).Output);
        var whole = (await Cli.Run("compare", run, "--work", place["other"])).Is(ExitCode.Ok);
        Assert.Equal(whole.Output, (await Cli.Run("compare", run, "--work", place["work"], "--merge")).Is(ExitCode.Ok).Output);
    }

    [Fact]
    public async Task Another_text_or_another_option_is_another_cell()
    {
        await Report(RunFile("null", "\"rtn{bits=3} | pack\""));
        await Report(RunFile("null", "\"rtn{bits=2} | pack\""));
        // The first row is the same in both.
        Assert.Equal(3, Directory.GetFiles(place["work/cells"], "*.json").Length);
    }

    [Fact]
    public async Task What_makes_no_comparison_is_refused()
    {
        var run = RunFile("null", "\"rtn{bits=3} | pack\"");
        await place.Fails(ExitCode.Usage, ComparisonDiagnostics.NoSuchCell.Id, ["0 to 1, found 2"], "compare", run, "--cell", "2");
        await place.Fails(ExitCode.Usage, "BIM7002", ["--text with models"], "compare", Workplace.Mamba2);
        await place.Fails(ExitCode.Usage, "BIM7002", ["exclude each other"], "compare", run, "--cell", "0", "--merge");
        await place.Fails(ExitCode.Usage, "BIM7002", ["a run file says what is measured"], "compare", run, "--text", Workplace.Text);
        var failed = (await Cli.Run("compare", RunFile("null", "\"fold-fbi | pack\""), "--work", place["work"])).Is(ExitCode.Malformed);
        Assert.Contains($"error {ComparisonDiagnostics.RowFailed.Id}", failed.Error, StringComparison.Ordinal);
        Assert.Contains("row 'b'", failed.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(place["work/models"]));
        Assert.Empty(failed.Output);
    }

    private async Task<ComparisonReport> Report(string run)
    {
        var outcome = (await Cli.Run("compare", run, "--work", place["work"], "--json")).Is(ExitCode.Ok);
        return JsonSerializer.Deserialize(outcome.Output, ReportJson.Default.ComparisonReport)!;
    }

    private string RunFile(string firstMethod, string secondMethod, string? secondModel = null, bool speed = false) => place.Write("run.json", $$"""
        {
          "klWindows": 2, "speed": {{(speed ? "true" : "false")}},
          "models": [
            { "name": "a", "model": {{JsonSerializer.Serialize(Workplace.Mamba2)}}, "method": {{firstMethod}} },
            { "name": "b", "model": {{JsonSerializer.Serialize(secondModel ?? Workplace.Mamba2)}}, "method": {{secondMethod}} }
          ],
          "corpora": [ { "name": "t", "file": {{JsonSerializer.Serialize(Workplace.Text)}}, "context": 256, "maxWindows": 4 } ]
        }
        """);
}
