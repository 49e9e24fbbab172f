using System.Diagnostics;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Bimb;
using BiMamba.Tensors;
using BiMamba.Toolchain;

namespace BiMamba.CommandLine.Tests.Faults;

/// <summary>Files that are removed, cut or written to while they are read.</summary>
public sealed class InputFaultTests : IDisposable
{
    private readonly Workplace place = new();

    /// <summary>The four ways to change a file that is open.</summary>
    public static TheoryData<string> Changes => ["cut", "emptied", "grown", "written"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_source_that_changes_while_it_is_converted_is_named(string change)
    {
        var weights = place.Copy(Workplace.BiMamba) + "/pytorch_model.bin";
        using var model = Model.Load(place["model"]);
        Change(weights, change);
        var error = await Assert.ThrowsAsync<ModelException>(() => model.ConvertAsync(place["out.bimb"], cancellation: TestContext.Current.CancellationToken));
        CheckChanged(error, weights);
        Assert.Empty(Directory.GetFiles(place.Path));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_packed_file_that_changes_while_it_is_verified_is_named(string change)
    {
        var path = await place.Bimb();
        using var file = BimbReader.Open(path, new DiagnosticBag())!;
        Change(path, change);
        var changed = Find(() => BimbVerifier.VerifyHashes(file, new DiagnosticBag(), null, TestContext.Current.CancellationToken));
        Assert.Equal(InputDiagnostics.Changed.Id, changed.Id);
        Assert.Equal(path, changed.Place.File);
    }

    [Theory]
    [InlineData("grown")]
    [InlineData("written")]
    public async Task A_model_that_changes_between_windows_is_named(string change)
    {
        var path = await place.Bimb();
        using var model = Model.Load(path);
        var windows = 0;
        var progress = new Counter(() =>
        {
            if (windows++ == 0)
                Change(path, change);
        });
        var options = new EvaluateOptions { Context = 64, Batch = 1 };
        var error = Assert.Throws<ModelException>(() => model.Evaluate(Workplace.Text, options, progress, TestContext.Current.CancellationToken));
        CheckChanged(error, path);
        Assert.Equal(1, windows);
    }

    [Fact]
    public async Task A_file_that_is_removed_or_replaced_is_read_to_its_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "an open file cannot be removed on Windows");
        (await Cli.Run("convert", Workplace.BiMamba, "-o", place["whole.bimb"])).Is(ExitCode.Ok);
        var weights = place.Copy(Workplace.BiMamba) + "/pytorch_model.bin";
        using var model = Model.Load(place["model"]);
        File.WriteAllText(place["other"], "another file");
        File.Move(place["other"], weights, overwrite: true);
        await model.ConvertAsync(place["out.bimb"], cancellation: TestContext.Current.CancellationToken);
        (await Cli.Run("verify", place["out.bimb"])).Is(ExitCode.Ok);
        Assert.Equal(Tensors(place["whole.bimb"]), Tensors(place["out.bimb"]));
    }

    [Theory]
    [InlineData("convert")]
    [InlineData("verify")]
    public async Task A_file_that_is_cut_at_any_moment_ends_no_process_by_a_signal(string verb)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "an open file cannot be cut on Windows");
        var (input, args) = await Prepare(verb);
        var whole = File.ReadAllBytes(input);
        var clock = Stopwatch.StartNew();
        (await Child.Run(args)).Is(ExitCode.Ok);
        var time = clock.Elapsed;
        File.Delete(place["out.bimb"]);
        var codes = new SortedDictionary<ExitCode, int>();
        foreach (var part in Moments.Parts())
        {
            var finished = Child.Run(args);
            await Task.WhenAny(finished, Task.Delay(time * part, TestContext.Current.CancellationToken));
            Change(input, "cut");
            var outcome = await finished;
            Assert.True(outcome.Code is ExitCode.Ok or ExitCode.InputMissing or ExitCode.Malformed, $"cut after {time * part}: {outcome.Code}\n{outcome.Error}");
            Assert.Equal(outcome.Code != ExitCode.Ok, outcome.Error.Contains("error BIM", StringComparison.Ordinal));
            codes[outcome.Code] = codes.GetValueOrDefault(outcome.Code) + 1;
            Assert.Empty(Directory.GetFiles(place.Path, "*.partial"));
            Assert.True(outcome.Code == ExitCode.Ok || verb == "verify" || !File.Exists(place["out.bimb"]));
            File.Delete(place["out.bimb"]);
            await File.WriteAllBytesAsync(input, whole, TestContext.Current.CancellationToken);
        }

        Moments.Tell(string.Create(CultureInfo.InvariantCulture, $"{verb}: input cut at {Moments.Count} moments of {time.TotalSeconds:0.0} s, exit codes: {string.Join(", ", codes.Select(pair => $"{(int)pair.Key} {pair.Value} times"))}"));
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private async Task<(string Input, string[] Args)> Prepare(string verb)
    {
        if (verb == "verify")
            return (await place.Bimb("in.bimb"), ["verify", place["in.bimb"]]);
        var model = place.Copy(Workplace.BiMamba);
        return (model + "/pytorch_model.bin", ["convert", model, "-o", place["out.bimb"]]);
    }

    private static string[] Tensors(string path)
    {
        using var file = BimbReader.Open(path, new DiagnosticBag())!;
        return [.. file.Rows.Select(row => $"{row.Name} {row.Sha256}")];
    }

    private static void CheckChanged(ModelException error, string path)
    {
        Assert.Equal(ExitCode.InputMissing, error.ExitCode);
        var diagnostic = Assert.Single(error.Diagnostics, diagnostic => diagnostic.Severity == Severity.Error);
        Assert.Equal(InputDiagnostics.Changed.Id, diagnostic.Id);
        Assert.Equal(path, diagnostic.Place.File);
    }

    private static Diagnostic Find(Action action) => InputChangedException.Find(Record.Exception(action)!)!.Diagnostic;

    /// <summary>Changes a file as no reader can forbid, since locks of files are advice on Unix.</summary>
    private static void Change(string path, string change)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "an open file cannot be written on Windows");
        if (change == "written")
        {
            // In place and to the same length, and late enough for the clock of any file system.
            File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(path) + TimeSpan.FromSeconds(5));
            return;
        }

        var length = new FileInfo(path).Length;
        using var process = Process.Start("truncate", ["-s", (change switch { "cut" => length / 3, "emptied" => 0, _ => length + 1 }).ToString(CultureInfo.InvariantCulture), path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private sealed class Counter(Action report) : IProgress<BiMamba.Evaluation.EvaluationProgress>
    {
        public void Report(BiMamba.Evaluation.EvaluationProgress value) => report();
    }
}
