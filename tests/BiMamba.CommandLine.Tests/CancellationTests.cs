using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using BiMamba.CommandLine.Commands;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>
/// A signal ends every command soon, with code 130 and without anything unfinished. <c>BIMAMBA_CANCEL=10</c> sends it at 10 moments of every
/// command instead of one, and appends a row of a table, with the median and the longest of the seconds to the end, to
/// <c>bimamba-cancel.txt</c> in the folder of temporary files.
/// </summary>
public sealed class CancellationTests(CancellationModels models) : IClassFixture<CancellationModels>, IDisposable
{
    // The machine that runs the tests may be at work on other things; the times that are promised are printed, not asserted.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>Commands that end by themselves at once: they print what the program itself holds.</summary>
    private static readonly string[] Immediate = ["passes", "ops", "spec", "completions"];

    private readonly Workplace place = new();

    /// <summary>Arguments of a run by its name; what begins with the name of a command is a run of it. True where it ends by itself within seconds.</summary>
    private static readonly Dictionary<string, (bool IsShort, Func<CancellationModels, Workplace, string[]> Arguments)> Runs = new(StringComparer.Ordinal)
    {
        ["convert gptq"] = (false, (m, p) => ["convert", m.Mamba2, "-o", p["out.bimb"], "--method", "gptq", "--tokenizer", "bytes", "--calibration", m.Text, "--nsamples", "8", "--seqlen", "256"]),
        ["convert billm"] = (false, (m, p) => ["convert", m.Mamba2, "-o", p["out.bimb"], "--method", "billm", "--tokenizer", "bytes", "--calibration", m.Text, "--nsamples", "8", "--seqlen", "256"]),
        ["convert onebit"] = (false, (m, p) => ["convert", m.Mamba2, "-o", p["out.bimb"], "--method", "onebit"]),
        ["convert rtn"] = (false, (m, p) => ["convert", m.Mamba2, "-o", p["out.bimb"], "--pipeline", "rtn{mse=true} | pack"]),
        ["convert none"] = (true, (m, p) => ["convert", m.Mamba2, "-o", p["out.bimb"], "--method", "none"]),
        ["convert target"] = (false, (m, p) => ["convert", Workplace.Mamba2, "-o", p["out.bimb"], "--method", "rtn", "--target-bpw", "3.5", "--validate", m.Text]),
        ["eval"] = (false, (m, _) => ["eval", m.Mamba2, "--tokenizer", "bytes", "--text", m.Text, "--context", "1024"]),
        ["eval reference"] = (false, (m, _) => ["eval", m.Mamba2, "--tokenizer", "bytes", "--text", m.Text, "--context", "1024", "--engine", "reference"]),
        ["eval llamacpp"] = (false, (m, _) => ["eval", Workplace.Mamba2, "--text", m.Text, "--protocol", "llamacpp"]),
        ["eval llamacpp-kl"] = (false, (m, _) => ["eval", Workplace.BiMamba, "--reference", Workplace.Mamba2, "--text", m.Text, "--protocol", "llamacpp-kl"]),
        ["eval tokenizing"] = (false, (m, _) => ["eval", m.Mamba2, "--tokenizer", m.Tokenizer, "--text", m.VeryLongText]),
        ["compare"] = (false, (m, p) => ["compare", Workplace.Mamba2, Workplace.BiMamba, "--text", m.Text, "--work", p["work"]]),
        ["tasks"] = (false, (m, _) => ["tasks", Workplace.Mamba2, "--task", "piqa=" + m.Questions]),
        ["sensitivity"] = (false, (m, _) => ["sensitivity", Workplace.Mamba2, "--text", m.Text, "--max-windows", "100"]),
        ["audit-state"] = (false, (m, _) => ["audit-state", Workplace.Mamba2, Workplace.BiMamba, "--text", m.Text, "--context", "1000000"]),
        ["bench"] = (false, (m, _) => ["bench", m.Mamba2, "--repeat", "1000", "--probe", "256"]),
        ["generate"] = (false, (m, _) => ["generate", m.Mamba2, "--tokenizer", "bytes", "--prompt", "x", "-n", "1000000"]),
        ["logits"] = (false, (m, p) => ["logits", Workplace.BiMamba, "--ids-file", m.Ids, "-o", p["out.safetensors"]]),
        ["tokenize"] = (false, (m, _) => ["tokenize", m.Tokenizer, "--text", m.VeryLongText]),
        ["inspect ir"] = (true, (m, _) => ["inspect", m.Mamba2, "--ir"]),
        ["verify"] = (true, (m, _) => ["verify", m.Bimb]),
        ["rebuild"] = (true, (m, _) => ["rebuild", m.Bimb, "--source", m.Mamba2, "--check"]),
        ["card"] = (true, (m, p) => ["card", m.Bimb, "-o", p["card.md"]]),
        ["export gguf"] = (true, (m, p) => ["export", m.Mamba2, "--tokenizer", "bytes", "--to", "gguf", "--type", "q4_0", "-o", p["out.gguf"]]),
        ["export safetensors"] = (true, (m, p) => ["export", m.Mamba2, "--to", "safetensors", "-o", p["exported"]]),
        ["opt"] = (false, (m, p) => ["opt", m.Mamba2, "--pipeline", "onebit", "-o", p["out.bmir"], "--save-weights"]),
        ["bisect"] = (false, (m, p) => ["bisect", m.Mamba2, "--pipeline", "rtn{mse=true}", "-o", p["out.bmir"]]),
        ["synth"] = (false, (_, p) => ["synth", "--arch", "mamba2", "--size", "2.7b", "-o", p["made/folder"]]),
        ["synth gguf"] = (false, (_, p) => ["synth", "--arch", "mamba2", "--size", "2.7b", "--gguf", "q8_0", "-o", p["out.gguf"]]),
    };

    /// <summary>The names of the runs.</summary>
    public static TheoryData<string> Names => [.. Runs.Keys];

    [Fact]
    public void Every_command_is_cancelled_here()
    {
        var commands = CommandTable.Create(new CommonOptions(), (_, _, _) => Task.FromResult(0)).Subcommands.Select(command => command.Name);
        Assert.Equal(commands.Order(StringComparer.Ordinal), Runs.Keys.Select(name => name.Split(' ')[0]).Concat(Immediate).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_signal_ends_a_command(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the env of Linux to undo an ignored SIGINT");
        var wanted = int.TryParse(Environment.GetEnvironmentVariable("BIMAMBA_CANCEL"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var arguments = Runs[name].Arguments(models, place);
        var random = new Random(name.Length);
        var seconds = new List<double>();
        var cancelled = 0;
        for (var i = 0; i < Math.Max(1, wanted); i++)
        {
            // Before that the runtime still starts, and ends by the signal itself.
            var moment = TimeSpan.FromSeconds(wanted > 0 ? 0.5 + (3.5 * random.NextDouble()) : Runs[name].IsShort ? 0.8 : 1.5);
            var (took, isCancelled) = await Cancel(name, moment, i % 4 == 3 ? "-TERM" : "-INT", arguments);
            if (isCancelled)
                seconds.Add(took);
            cancelled += isCancelled ? 1 : 0;
        }

        Assert.True(cancelled > 0 || Runs[name].IsShort, "the run was over before it could be cancelled");
        if (wanted > 0 && seconds.Count > 0)
            await File.AppendAllTextAsync(Path.Combine(Path.GetTempPath(), "bimamba-cancel.txt"), string.Create(CultureInfo.InvariantCulture, $"| {name} | {cancelled} of {wanted} | {seconds.Order().ElementAt(seconds.Count / 2):0.00} | {seconds.Max():0.00} |\n"), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("passes")]
    [InlineData("ops")]
    [InlineData("spec")]
    [InlineData("completions", "bash")]
    public async Task Some_commands_end_by_themselves(params string[] arguments)
    {
        var begin = Stopwatch.GetTimestamp();
        (await Child.Run(arguments)).Is(ExitCode.Ok);
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, Bound);
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    /// <summary>Starts a command, sends a signal at a moment, and gives the seconds from the signal to the end.</summary>
    private async Task<(double Seconds, bool IsCancelled)> Cancel(string name, TimeSpan moment, string signal, string[] arguments)
    {
        var before = Entries();
        var process = Child.Start(new ProcessStartInfo("env", ["--default-signal=INT,TERM", "dotnet", Child.Assembly, .. arguments]));
        var finished = Child.Finish(process);
        await Task.WhenAny(finished, Task.Delay(moment, TestContext.Current.CancellationToken));
        var begin = Stopwatch.GetTimestamp();
        if (!finished.IsCompleted)
        {
            using var kill = Process.Start("kill", [signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var outcome = await finished.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        var took = Stopwatch.GetElapsedTime(begin);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", outcome.Error, StringComparison.Ordinal);
        if (outcome.Code == ExitCode.Ok)
        {
            foreach (var entry in Entries().Except(before, StringComparer.Ordinal))
                Remove(entry);
            return (took.TotalSeconds, false);
        }

        outcome.Is(ExitCode.Cancelled);
        Assert.InRange(took, TimeSpan.Zero, Bound);
        Assert.EndsWith("cancelled: no unfinished file is left behind\n", outcome.Error, StringComparison.Ordinal);
        if (!name.StartsWith("generate", StringComparison.Ordinal))
            Assert.Equal("", outcome.Output);
        AssertNothingIsUnfinished(before);
        return (took.TotalSeconds, true);
    }

    private string[] Entries() => Directory.GetFileSystemEntries(place.Path);

    /// <summary>A journal keeps finished blocks, and the results of finished cells stay.</summary>
    private void AssertNothingIsUnfinished(string[] before)
    {
        Assert.Empty(Directory.GetFileSystemEntries(place.Path, "*.partial", SearchOption.AllDirectories));
        var left = Entries().Except(before, StringComparer.Ordinal).ToArray();
        Assert.All(left, entry => Assert.True(Directory.Exists(entry) && Path.GetFileName(entry) is "out.bimb.journal" or "work", entry));
        foreach (var entry in left)
            Remove(entry);
    }

    private static void Remove(string entry)
    {
        if (Directory.Exists(entry))
            Directory.Delete(entry, recursive: true);
        else
            File.Delete(entry);
    }
}
