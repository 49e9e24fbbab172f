using System.Globalization;
using System.Text.Json;
using BiMamba.Benchmarks.Results;
using BiMamba.Measurement;

namespace BiMamba.Benchmarks.Table;

/// <summary>llama.cpp through <c>llama/bench.mjs</c>, as processes of its own.</summary>
internal sealed class LlamaCommand
{
    private readonly TableOptions options;
    private readonly string script;
    private readonly string? modules;

    /// <summary>Finds the installation, or makes one where the options say so.</summary>
    public LlamaCommand(TableOptions options)
    {
        this.options = options;
        var folder = Path.Combine(options.Root, "tests", "BiMamba.Benchmarks", "llama");
        script = Path.Combine(folder, "bench.mjs");
        if (options.Llama == "none")
        {
            Absent = "it was not asked for";
            return;
        }

        try
        {
            modules = options.Llama == "auto" ? Install(folder, Path.Combine(options.Work, "llama")) : options.Llama;
            ChildProcess.Run("node", "--version");
        }
        catch (ChildFailedException)
        {
            modules = null;
            Absent = "node or its registry of packages was not there";
        }
    }

    /// <summary>Why llama.cpp is not measured; null where it is.</summary>
    public string? Absent { get; private set; }

    /// <summary>The release, known after the first measurement.</summary>
    public string? Release { get; private set; }

    /// <summary>One round; null without llama.cpp.</summary>
    public LlamaRound? Measure(string size, string file)
    {
        if (modules is null)
            return null;
        var (output, _) = ChildProcess.Run(
            "node", script, "--modules", modules, "--model", file, "--threads", Text(options.Threads), "--prompt", Text(options.Prompt), "--generate", Text(options.Generate), "--repeat", Text(options.LlamaRepetitions(size)));
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        var release = root.GetProperty("llamaCpp");
        Release = $"{(release.ValueKind == JsonValueKind.Object ? release.GetProperty("release") : release).GetString()} (node-llama-cpp {root.GetProperty("nodeLlamaCpp").GetString()})";
        return new LlamaRound(Median(root, "decodeTokensPerSecond"), Median(root, "prefillTokensPerSecond"), root.GetProperty("memory").GetProperty("peakResidentKB").GetInt64() * 1024);
    }

    private static string Install(string source, string target)
    {
        if (Directory.Exists(Path.Combine(target, "node_modules", "node-llama-cpp")))
            return target;
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(source, "package*.json"))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        ChildProcess.Run("npm", "install", "--no-audit", "--no-fund", "--prefix", target);
        return target;
    }

    private static double Median(JsonElement row, string name) => Statistics.Median(row.GetProperty(name).EnumerateArray().Select(value => value.GetDouble()));

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
