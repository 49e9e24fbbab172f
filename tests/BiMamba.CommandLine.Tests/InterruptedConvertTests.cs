using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>A calibrated conversion that is ended goes on where it was, and gives the same bytes.</summary>
public sealed class InterruptedConvertTests : IDisposable
{
    private const int Layers = 6;
    private readonly Workplace place = new();

    private string Output => place["out.bimb"];

    private string Journal => Output + ".journal";

    [Theory]
    [InlineData("gptq")]
    [InlineData("billm")]
    public async Task A_killed_run_goes_on_with_the_same_bytes_and_reports(string method)
    {
        var whole = await Whole(method);
        await Kill(1, Args(method));
        var outcome = (await Cli.Run([.. Args(method), "--resume", "--json"])).Is(ExitCode.Ok);
        Assert.Matches($@"out\.bimb\.journal: {method}: [1-{Layers}] of {Layers} blocks were taken from the journal\n", outcome.Error);
        Assert.Equal(File.ReadAllBytes(place["whole.bimb"]), File.ReadAllBytes(Output));
        Assert.Equal(Measurements(whole), Measurements(outcome));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_run_may_be_killed_again_and_again()
    {
        await Whole("gptq");
        foreach (var blocks in (int[])[1, 2, 4, 5])
            await Kill(blocks, [.. Args("gptq"), "--resume"]);
        var outcome = (await Cli.Run([.. Args("gptq"), "--resume", "--threads", "1"])).Is(ExitCode.Ok);
        Assert.Matches($"[4-{Layers}] of {Layers} blocks were taken", outcome.Error);
        Assert.Equal(File.ReadAllBytes(place["whole.bimb"]), File.ReadAllBytes(Output));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Damaged_files_of_a_journal_cost_their_work_alone()
    {
        await Whole("gptq");
        await Kill(3, Args("gptq"));
        var blocks = Blocks();
        Change(blocks[0], bytes => bytes[..(bytes.Length / 2)]);
        Change(blocks[1], bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
        foreach (var state in Directory.GetFiles(Journal, "state-*.safetensors"))
            Change(state, bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
        place.Write("out.bimb.journal/block-0-1.safetensors.1.partial", "x");
        var outcome = (await Cli.Run([.. Args("gptq"), "--resume"])).Is(ExitCode.Ok);
        Assert.Contains($"warning BIM6202: {blocks[0]}: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains($"warning BIM6202: {blocks[1]}: ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(place["whole.bimb"]), File.ReadAllBytes(Output));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task The_journal_of_another_run_is_refused_and_can_be_replaced()
    {
        await Whole("gptq");
        await Kill(1, Args("gptq"));
        File.WriteAllText(System.IO.Path.Combine(Journal, "mine.txt"), "kept");
        // A killed process leaves it, and the next one takes it along.
        File.Delete(System.IO.Path.Combine(Journal, "owner"));
        await place.Fails(ExitCode.Usage, "BIM6201", ["seed (here 3, there 0), windows; hint: "], [.. Args("gptq"), "--resume", "--seed", "3"]);
        await place.Fails(ExitCode.Usage, "BIM6201", ["pipeline (here billm{"], [.. Args("billm"), "--resume"]);
        var outcome = (await Cli.Run(Args("gptq"))).Is(ExitCode.Ok);
        Assert.Contains("the journal of an earlier run is replaced", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("were taken", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(place["whole.bimb"]), File.ReadAllBytes(Output));
        Assert.Equal([System.IO.Path.Combine(Journal, "mine.txt")], Directory.GetFileSystemEntries(Journal));
    }

    [Fact]
    public async Task Ctrl_C_keeps_the_finished_blocks_and_says_so()
    {
        await Whole("gptq");
        var outcome = await End(2, "-INT", Args("gptq"));
        outcome.Is(ExitCode.Cancelled);
        Assert.Contains("out.bimb.journal: finished blocks are kept; --resume goes on behind them\n", outcome.Error, StringComparison.Ordinal);
        (await Cli.Run([.. Args("gptq"), "--resume"])).Is(ExitCode.Ok);
        Assert.Equal(File.ReadAllBytes(place["whole.bimb"]), File.ReadAllBytes(Output));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Without_a_journal_resume_is_the_whole_run()
    {
        var outcome = (await Cli.Run([.. Short(), "--resume"])).Is(ExitCode.Ok);
        Assert.Contains("there is no journal: nothing is taken from it", outcome.Error, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_journal_that_another_run_writes_is_left_alone()
    {
        Directory.CreateDirectory(Journal);
        place.Write("out.bimb.journal/journal.json", "{}");
        await using var owner = new FileStream(place["out.bimb.journal/owner"], FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        await place.Fails(ExitCode.OutputRefused, "BIM6204", ["out.bimb.journal: the journal cannot be opened"], Short());
        await place.Fails(ExitCode.OutputRefused, "BIM6204", ["another run may be writing"], [.. Short(), "--resume"]);
    }

    [Fact]
    public async Task Where_no_journal_can_be_written_the_conversion_is_done_all_the_same()
    {
        place.Write("out.bimb.journal", "kept");
        var outcome = (await Cli.Run(Short())).Is(ExitCode.Ok);
        Assert.Contains("warning BIM6203: ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(Journal));
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private string[] Short() =>
        ["convert", Workplace.Mamba2, "-o", Output, "--pipeline", "gptq{tensors=[\"*layers.0.in_proj*\"]} | pack", "--calibration", Workplace.Text, "--nsamples", "1", "--seqlen", "16"];

    /// <summary>Enough samples that a block takes longer than it takes to see its file and to end the run.</summary>
    private string[] Args(string method, string? output = null) =>
        ["convert", Workplace.Mamba2, "-o", output ?? Output, "--method", method, "--calibration", Workplace.Text, "--nsamples", "48", "--seqlen", "256"];

    private async Task<Outcome> Whole(string method) => (await Cli.Run([.. Args(method, place["whole.bimb"]), "--json"])).Is(ExitCode.Ok);

    private async Task Kill(int blocks, string[] args) => await End(blocks, "-KILL", args);

    /// <summary>Ends a run of its own process as soon as so many blocks are finished.</summary>
    private async Task<Outcome> End(int blocks, string signal, string[] args)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the env of Linux to undo an ignored SIGINT");
        var process = Child.Start(new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Child.Assembly, .. args]));
        var finished = Child.Finish(process);
        while (Blocks().Length < blocks && !finished.IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(2), TestContext.Current.CancellationToken);
        Assert.False(finished.IsCompleted, "the command ended before it was interrupted");
        using (var kill = Process.Start("kill", [signal, process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        var outcome = await finished.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.False(File.Exists(Output), "the command was done before it was interrupted");
        Assert.NotEqual(ExitCode.Ok, outcome.Code);
        return outcome;
    }

    private string[] Blocks() => Directory.Exists(Journal) ? [.. Directory.GetFiles(Journal, "block-*.safetensors").Order(StringComparer.Ordinal)] : [];

    private void AssertNothingIsLeft() =>
        Assert.DoesNotContain(Directory.GetFileSystemEntries(place.Path), entry => System.IO.Path.GetExtension(entry) is not (".bimb" or ".partial"));

    private static void Change(string file, Func<byte[], byte[]> change) => File.WriteAllBytes(file, change(File.ReadAllBytes(file)));

    /// <summary>What a run measured, without times.</summary>
    private static List<string> Measurements(Outcome outcome)
    {
        using var json = JsonDocument.Parse(outcome.Output);
        return [.. json.RootElement.GetProperty("measurements").EnumerateArray().Where(row => !row.GetProperty("measure").GetString()!.StartsWith("seconds", StringComparison.Ordinal)).Select(row => row.GetRawText())];
    }
}
