using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>What commands work on for long enough to be cancelled: large random models, and long texts for the small trained ones.</summary>
public sealed class CancellationModels : IDisposable
{
    private const int Repetitions = 40;

    private readonly TemporaryFolder folder = new();
    private readonly Lock gate = new();

    /// <summary>A random Mamba-2 of 130 million weights.</summary>
    public string Mamba2 => Once("mamba2-130m", path => Run("synth", "--arch", "mamba2", "--size", "130m", "-o", path));

    /// <summary>It as a .bimb file in full precision.</summary>
    public string Bimb => Once("mamba2-130m.bimb", path => Run("convert", Mamba2, "--method", "none", "-o", path));

    /// <summary>A text of 2.6 MB.</summary>
    public string Text => Once("long.txt", path => File.WriteAllText(path, string.Concat(Enumerable.Repeat(File.ReadAllText(Workplace.Text), Repetitions))));

    /// <summary>A text of 260 MB.</summary>
    public string VeryLongText => Once("longer.txt", path =>
    {
        var bytes = File.ReadAllBytes(Text);
        using var stream = File.Create(path);
        for (var i = 0; i < 100; i++)
            stream.Write(bytes);
    });

    /// <summary>A million ids.</summary>
    public string Ids => Once("long.ids", path => File.WriteAllText(path, string.Join(' ', Enumerable.Repeat("97 98 99", 400_000))));

    /// <summary>Many questions.</summary>
    public string Questions => Once("piqa.jsonl", path => File.WriteAllText(path, string.Concat(Enumerable.Repeat(File.ReadAllText(Repository.Golden("text", "tasks", "piqa.jsonl")), 20_000))));

    /// <summary>A tokenizer.json of words of bytes, without merges.</summary>
    public string Tokenizer => Once("tokenizer.json", path =>
    {
        var vocabulary = new JsonObject();
        var beyond = 0;
        // Bytes that cannot be printed stand in such files as the letters from U+0100 on.
        for (var value = 0; value < 256; value++)
            vocabulary.Add(((char)(value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? value : 256 + beyond++)).ToString(), value);
        var json = new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
        File.WriteAllText(path, json.ToJsonString());
    });

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    private string Once(string name, Action<string> make)
    {
        lock (gate)
        {
            if (!Path.Exists(folder[name]))
                make(folder[name]);
            return folder[name];
        }
    }

    private static void Run(params string[] args) => Child.Run(args).GetAwaiter().GetResult().Is(ExitCode.Ok);
}
