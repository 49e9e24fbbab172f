using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using BiMamba.Testing;

namespace BiMamba.Export.Tests;

/// <summary>
/// The real llama.cpp: node-llama-cpp with its prebuilt libraries, installed once into the folder of temporary files where
/// CI=true or BIMAMBA_LLAMA=1, as it takes 725 MB. Tests skip with a message where it is not wanted, or npm is not there or
/// cannot install it; tests/BiMamba.Benchmarks/llama has the script.
/// </summary>
public sealed class LlamaCpp
{
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(5);

    private readonly string scripts = Path.Combine(Repository.Root, "tests", "BiMamba.Benchmarks", "llama");
    private readonly string modules;
    private readonly string? problem;

    /// <summary>Installs it where it is not yet.</summary>
    public LlamaCpp()
    {
        var package = File.ReadAllText(Path.Combine(scripts, "package.json"));
        var version = JsonDocument.Parse(package).RootElement.GetProperty("dependencies").GetProperty("node-llama-cpp").GetString();
        modules = Path.Combine(Path.GetTempPath(), "bimamba-node-llama-cpp-" + version);
        problem = IsInstalled ? null : IsWanted ? Install(package) : "BIMAMBA_LLAMA=1 installs node-llama-cpp (725 MB) and runs these tests";
    }

    private static bool IsWanted => Environment.GetEnvironmentVariable("CI") == "true" || Environment.GetEnvironmentVariable("BIMAMBA_LLAMA") == "1";

    private bool IsInstalled => File.Exists(Path.Combine(modules, "complete"));

    /// <summary>What the script says of a model.</summary>
    /// <param name="model">The GGUF file.</param>
    /// <param name="options">Further options of the script.</param>
    public JsonElement Run(string model, params string[] options)
    {
        Assert.SkipWhen(problem is not null, "llama.cpp: " + problem);
        var (code, output, error) = Start("node", RunLimit, [Path.Combine(scripts, "bench.mjs"), "--modules", modules, "--model", model, .. options]);
        Assert.True(code == 0, error);
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>Logits of every row behind the last of some ids.</summary>
    public float[] Logits(string model, IEnumerable<int> ids) =>
        [.. Run(model, "--tokens", string.Join(',', ids.Select(id => id.ToString(CultureInfo.InvariantCulture))), "--logits").GetProperty("logits").EnumerateArray().Select(value => value.GetSingle())];

    private string? Install(string package)
    {
        Directory.CreateDirectory(modules);
        File.WriteAllText(Path.Combine(modules, "package.json"), package);
        try
        {
            var (code, _, error) = Start("npm", InstallLimit, ["install", "--prefix", modules, "--no-audit", "--no-fund"]);
            if (code != 0)
                return $"npm cannot install node-llama-cpp: {error[..Math.Min(error.Length, 300)].ReplaceLineEndings(" ")}";
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or TimeoutException)
        {
            return $"node-llama-cpp cannot be installed: {e.Message}";
        }

        File.WriteAllText(Path.Combine(modules, "complete"), "");
        return null;
    }

    private static (int Code, string Output, string Error) Start(string program, TimeSpan limit, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false })!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} was not done after {limit}");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
