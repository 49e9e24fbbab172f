using System.Diagnostics;
using System.Text.Json;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>The command line as a process: exit codes, streams, signals, pipes, environment.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly Dictionary<string, string> NoEnvironment = [];
    private readonly Workplace place = new();

    [Fact]
    public async Task Data_goes_to_stdout_and_the_rest_to_stderr()
    {
        var outcome = (await Child.RunIn(place.Path, NoEnvironment, "convert", Workplace.Mamba2, "-o", "out.bimb", "--json")).Is(ExitCode.Ok);
        using var json = JsonDocument.Parse(outcome.Output);
        Assert.Equal("out.bimb", json.RootElement.GetProperty("output").GetString());
        Assert.Contains("note BIM7005", outcome.Error, StringComparison.Ordinal);
        Assert.Equal([place["out.bimb"]], Directory.GetFileSystemEntries(place.Path));
    }

    [Theory]
    [InlineData(ExitCode.Usage, "BIM7001", "convrt")]
    [InlineData(ExitCode.InputMissing, "BIM1001", "verify", "absent.bimb")]
    [InlineData(ExitCode.Malformed, "BIM4001", "verify", "text.bimb")]
    [InlineData(ExitCode.NotEnough, "BIM5002", "eval", "MODEL", "--text", "text.bimb")]
    [InlineData(ExitCode.OutputRefused, "BIM6001", "convert", "MODEL", "-o", "text.bimb")]
    public async Task Exit_codes_reach_the_shell(ExitCode code, string id, params string[] args)
    {
        place.Write("text.bimb", new string('x', 1000));
        var outcome = await Child.RunIn(place.Path, NoEnvironment, [.. args.Select(arg => arg == "MODEL" ? Workplace.BiMamba : arg)]);
        Workplace.CheckFailure(outcome, code, id);
    }

    [Fact]
    public async Task Ctrl_C_during_validation_keeps_the_verified_file()
    {
        var outcome = await Interrupt(place["out.bimb"], "convert", Workplace.BiMamba, "-o", place["out.bimb"], "--validate", Long(), "--context", "256");
        outcome.Is(ExitCode.Cancelled);
        Assert.Contains("out.bimb: written and verified, but not validated", outcome.Error, StringComparison.Ordinal);
        Assert.EndsWith("cancelled: no unfinished file is left behind\n", outcome.Error, StringComparison.Ordinal);
        Assert.Equal("", outcome.Output);
        Assert.Empty(Directory.GetFiles(place.Path, "*.partial"));
        (await Cli.Run("verify", place["out.bimb"])).Is(ExitCode.Ok);
    }

    [Fact]
    public async Task Ctrl_C_leaves_no_file()
    {
        var ids = string.Join(' ', Enumerable.Repeat("97 98 99", 400_000));
        var outcome = await Interrupt(null, "logits", Workplace.BiMamba, "--ids-file", place.Write("long.ids", ids), "-o", place["out.safetensors"]);
        outcome.Is(ExitCode.Cancelled);
        Assert.Equal("", outcome.Output);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal([place["long.ids"]], Directory.GetFileSystemEntries(place.Path));
    }

    [Fact]
    public async Task A_closed_pipe_is_no_crash()
    {
        var bimb = await place.Bimb();
        var outcome = await Child.Shell(place.Path, $"$BIMAMBAC inspect '{bimb}' --fields | head -1");
        Assert.StartsWith("0x00000000  head.magic", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("", outcome.Error);
        outcome = await Child.Shell(place.Path, $"$BIMAMBAC generate '{bimb}' --prompt x -n 200 | head -c 1");
        Assert.Equal("x", outcome.Output);
        Assert.Equal("", outcome.Error);
    }

    [Theory]
    [InlineData("eval '$M' --text /dev/stdin")]
    [InlineData("tokenize bytes --text /dev/stdin")]
    [InlineData("logits '$M' --ids-file /dev/stdin -o out.safetensors")]
    public async Task A_pipe_is_no_input(string command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /dev/stdin");
        var outcome = await Child.Shell(place.Path, $"echo 1 2 3 | $BIMAMBAC {command.Replace("$M", Workplace.BiMamba, StringComparison.Ordinal)}");
        Workplace.CheckFailure(outcome, ExitCode.InputMissing, "BIM1002", "/dev/stdin: expected a file that can be mapped, found a pipe");
        Assert.Empty(Directory.GetFileSystemEntries(place.Path));
    }

    [Theory]
    [InlineData("passes")]
    [InlineData("--help")]
    [InlineData("tokenize bytes --text $0")]
    public async Task A_full_disk_behind_stdout_is_said(string command)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        var outcome = await Child.Shell(place.Path, $"$BIMAMBAC {command} > /dev/full");
        Workplace.CheckFailure(outcome, ExitCode.OutputRefused, "BIM6002", "stdout: the result cannot be written");
        outcome = await Child.Shell(place.Path, $"$BIMAMBAC {command} > /dev/full 2> /dev/full");
        outcome.Is(ExitCode.OutputRefused);
    }

    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    [InlineData("TERM", "xterm-256color")]
    public async Task Redirected_streams_have_no_escapes(string name, string value)
    {
        var outcome = await Child.RunIn(place.Path, new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value }, "verify", "absent");
        Workplace.CheckFailure(outcome, ExitCode.InputMissing, "BIM1001", "absent");
        Assert.DoesNotContain("\e", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_have_a_point_whatever_the_language()
    {
        var german = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LANG"] = "de_DE.UTF-8",
            ["LC_ALL"] = "de_DE.UTF-8",
            ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "0",
        };
        string[] args = ["eval", Workplace.BiMamba, "--text", Workplace.Text, "--context", "64", "--max-windows", "1"];
        var text = (await Child.RunIn(place.Path, german, args)).Is(ExitCode.Ok);
        Assert.Matches(@"^perplexity \d\.\d{6}, \d\.\d{6} bits per byte", text.Output);
        var json = (await Child.RunIn(place.Path, german, [.. args, "--json"])).Is(ExitCode.Ok);
        using var document = JsonDocument.Parse(json.Output);
        Assert.InRange(document.RootElement.GetProperty("perplexity").GetDouble(), 1, 256);
        Assert.Contains("unknown command", (await Child.RunIn(place.Path, german, "convrt")).Error, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private string Long() => place.Write("long.txt", string.Concat(Enumerable.Repeat(File.ReadAllText(Workplace.Text), 20)));

    /// <summary>Runs a long command and sends SIGINT once a file has appeared, if one is named, and the work had time to begin.</summary>
    private static async Task<Outcome> Interrupt(string? file, params string[] args)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the env of Linux to undo an ignored SIGINT");
        var process = Child.Start(new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Child.Assembly, .. args]));
        var finished = Child.Finish(process);
        // A run that is not interrupted would take minutes: what is asserted does not depend on this time exactly.
        while (file is not null && !File.Exists(file) && !finished.IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.False(finished.IsCompleted, "the command ended before it was interrupted");
        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await finished.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }
}
