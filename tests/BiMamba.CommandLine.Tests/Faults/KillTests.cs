using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests.Faults;

/// <summary>
/// A process that is killed at any moment leaves the old files or the new ones, and the next run leaves the new ones and
/// nothing else.
/// </summary>
public sealed class KillTests : IDisposable
{
    private readonly Workplace place = new();

    /// <summary>What the commands write; work that is kept between runs lies elsewhere.</summary>
    private string Outputs => place["out"];

    public static TheoryData<string> Verbs => ["convert", "gptq", "export-gguf", "export-folder", "compare"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_killed_command_leaves_the_old_or_the_new(string verb)
    {
        var before = await Old(verb);
        var after = await Complete(verb);
        Assert.False(before.Same(after));
        Restore(verb, before);
        var clock = Stopwatch.StartNew();
        (await Child.Run(Args(verb))).Is(ExitCode.Ok);
        var time = clock.Elapsed;
        var (old, done, mixed, left) = (0, 0, 0, 0);
        foreach (var part in Moments.Parts())
        {
            Restore(verb, before);
            await Kill(time * part, Args(verb));
            var found = FileState.Of(Outputs, IsFinished);
            old += found.Same(before) ? 1 : 0;
            done += found.Same(after) ? 1 : 0;
            left += FileState.Of(place.Path, name => !IsFinished(name)).Names.Count > 0 ? 1 : 0;
            if (!found.Same(before) && !found.Same(after))
            {
                Assert.True(IsRefusedMixture(verb, found), $"killed after {time * part}: expected\n{before}\nor\n{after}\nfound\n{found}");
                mixed++;
            }

            Assert.Equal(after.ToString(), (await Complete(verb)).ToString());
        }

        Moments.Tell(string.Create(CultureInfo.InvariantCulture, $"{verb}: killed at {Moments.Count} moments of {time.TotalSeconds:0.0} s: {old} left the old files, {done} the new ones, {mixed} a folder that is no checkpoint; {left} left unfinished files; the next run gave the new files and nothing else {Moments.Count} times"));
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    /// <summary>Files that another run of the tool had made.</summary>
    private async Task<FileState> Old(string verb)
    {
        Directory.CreateDirectory(Outputs);
        File.WriteAllText(place["run.json"], RunFile());
        (await Cli.Run(verb switch
        {
            "export-gguf" => ["export", Workplace.BiMamba, "--to", "gguf", "--type", "f16", "-o", place["out/m.gguf"]],
            "export-folder" => ["export", Workplace.BiMamba, "--to", "safetensors", "-o", place["out/folder"]],
            "compare" => ["compare", Workplace.Mamba2, "--text", Workplace.Text, "--context", "64", "--max-windows", "1", "--no-speed", "--work", place["old"], "--html", place["out/c.html"]],
            _ => ["convert", Workplace.BiMamba, "-o", place["out/m.bimb"]],
        })).Is(ExitCode.Ok);
        Directory.CreateDirectory(place["kept"]);
        foreach (var file in Directory.GetFiles(Outputs, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(place["kept"], Path.GetRelativePath(Outputs, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return FileState.Of(Outputs);
    }

    private string[] Args(string verb) => verb switch
    {
        "convert" => ["convert", Workplace.Mamba2, "-o", place["out/m.bimb"], "--method", "rtn", "--force"],
        "gptq" => ["convert", Workplace.Mamba2, "-o", place["out/m.bimb"], "--method", "gptq", "--calibration", Workplace.Text, "--nsamples", "8", "--seqlen", "256", "--resume", "--force"],
        "export-gguf" => ["export", Workplace.Mamba2, "--to", "gguf", "-o", place["out/m.gguf"], "--force"],
        "export-folder" => ["export", Workplace.Mamba2, "--to", "safetensors", "-o", place["out/folder"], "--force"],
        "compare" => ["compare", place["run.json"], "--work", place["work"], "--html", place["out/c.html"], "--no-speed", "--force", "--json"],
        _ => throw new ArgumentException(verb, nameof(verb)),
    };

    /// <summary>Runs the command to its end. Nothing but its outputs and the results of cells may be there then.</summary>
    private async Task<FileState> Complete(string verb)
    {
        (await Cli.Run(Args(verb))).Is(ExitCode.Ok);
        Assert.DoesNotContain(FileState.Of(place.Path).Names, name => !IsFinished(name));
        return FileState.Of(Outputs);
    }

    private void Restore(string verb, FileState before)
    {
        Directory.Delete(Outputs, recursive: true);
        if (verb == "compare" && Directory.Exists(place["work"]))
            Directory.Delete(place["work"], recursive: true);
        foreach (var file in Directory.GetFiles(place["kept"], "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Outputs, Path.GetRelativePath(place["kept"], file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Assert.True(FileState.Of(Outputs).Same(before));
    }

    private static async Task Kill(TimeSpan after, string[] args)
    {
        var process = Child.Start(new ProcessStartInfo("dotnet", [Child.Assembly, .. args]));
        var finished = Child.Finish(process);
        await Task.WhenAny(finished, Task.Delay(after, TestContext.Current.CancellationToken));
        if (!finished.IsCompleted)
            process.Kill();
        await finished;
    }

    private static bool IsFinished(string name) =>
        !name.Contains(".partial", StringComparison.Ordinal) && !name.EndsWith(".lock", StringComparison.Ordinal) && !name.Contains(".journal", StringComparison.Ordinal);

    /// <summary>Several files cannot be renamed at once: between the first and the last a folder has no configuration, so that nothing reads it.</summary>
    private static bool IsRefusedMixture(string verb, FileState found) => verb == "export-folder" && !found.Names.Contains("folder/config.json");

    private static string RunFile() => $$"""
        {
          "klWindows": 1,
          "models": [
            { "name": "a", "model": {{JsonSerializer.Serialize(Workplace.Mamba2)}} },
            { "name": "b", "model": {{JsonSerializer.Serialize(Workplace.Mamba2)}}, "method": "rtn{bits=3} | pack" }
          ],
          "corpora": [ { "name": "t", "file": {{JsonSerializer.Serialize(Workplace.Text)}}, "context": 256, "maxWindows": 2 } ]
        }
        """;
}
