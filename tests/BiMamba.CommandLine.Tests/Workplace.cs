using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>A folder for one test: copies of models to damage, and what a failing command must not leave behind.</summary>
internal sealed class Workplace : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>The trained Bi-Mamba model, a torch file.</summary>
    public static string BiMamba { get; } = Repository.Golden("models", "tiny-bimamba-official");

    /// <summary>The trained Mamba-2 model in four shards.</summary>
    public static string Mamba2 { get; } = Repository.Golden("models", "tiny-mamba2-hf");

    /// <summary>A text that no model was trained on.</summary>
    public static string Text { get; } = Repository.Golden("text", "held-64k.txt");

    /// <summary>The folder.</summary>
    public string Path => folder.Path;

    /// <summary>A path in the folder.</summary>
    public string this[string name] => folder[name];

    /// <summary>A copy of a model's folder that the test may change.</summary>
    public string Copy(string model, string name = "model")
    {
        Directory.CreateDirectory(folder[name]);
        foreach (var file in Directory.GetFiles(model))
            File.Copy(file, System.IO.Path.Combine(folder[name], System.IO.Path.GetFileName(file)));
        return folder[name];
    }

    /// <summary>The trained Bi-Mamba model as a .bimb file.</summary>
    public async Task<string> Bimb(string name = "tiny.bimb")
    {
        (await Cli.Run("convert", BiMamba, "-o", folder[name])).Is(ExitCode.Ok);
        return folder[name];
    }

    /// <summary>Writes a text file in the folder.</summary>
    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file in the folder.</summary>
    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(folder[name], bytes);
        return folder[name];
    }

    /// <summary>
    /// Runs a command that must fail: the exit code, the id and every mention are on stderr, nothing is on stdout, no
    /// file came, went or changed its size, and there is no stack trace.
    /// </summary>
    public async Task<Outcome> Fails(ExitCode code, string id, string[] mentions, params string[] args)
    {
        var before = Listing();
        var outcome = await Cli.Run(args);
        CheckFailure(outcome, code, id, mentions);
        Assert.Equal(before, Listing());
        return outcome;
    }

    /// <summary>Converts something that must be refused, into a new file.</summary>
    public Task<Outcome> ConvertFails(ExitCode code, string id, string mention, params string[] args) =>
        Fails(code, id, [mention], ["convert", .. args, "-o", folder["refused.bimb"]]);

    /// <summary>Checks what a failed command said.</summary>
    public static void CheckFailure(Outcome outcome, ExitCode code, string id, params string[] mentions)
    {
        outcome.Is(code);
        Assert.Equal("", outcome.Output);
        Assert.Contains(id == "BIM" ? "error BIM" : $"error {id}: ", outcome.Error, StringComparison.Ordinal);
        Assert.All(mentions, mention => Assert.Contains(mention, outcome.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", outcome.Error, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    private string[] Listing() =>
        [.. new DirectoryInfo(Path).EnumerateFiles("*", SearchOption.AllDirectories).Select(file => $"{file.FullName} {file.Length}").Order(StringComparer.Ordinal)];
}
