using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Console;
using BiMamba.Comparison.Results;

namespace BiMamba.CommandLine.Comparisons;

/// <summary>Measures decoding and memory of a model by <c>bimambac bench</c> in a process of its own, whose memory is the model's alone.</summary>
internal static class SpeedProbe
{
    /// <summary>The measurement; null with a line on stderr where the process cannot be run.</summary>
    public static ModelSpeed? Run(string model, string? tokenizer, string engine, int threads, Terminal terminal, CancellationToken cancellation)
    {
        var start = StartInfo();
        foreach (var argument in (string[])["bench", model, "--json", "--quiet", "--prompt", "16", "--generate", "64", "--repeat", "3", "--probe", "1", "--engine", engine, "--threads", threads.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        foreach (var argument in tokenizer is null ? [] : (string[])["--tokenizer", tokenizer])
            start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException("no process was started");
            using var registration = cancellation.Register(process.Kill);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            if (process.ExitCode == 0)
                return Parse(output, threads);
            terminal.WriteLine($"{model}: its speed was not measured: {errors.GetAwaiter().GetResult().Trim()}");
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            terminal.WriteLine($"{model}: its speed was not measured: {e.Message}");
        }

        return null;
    }

    private static ModelSpeed? Parse(string json, int threads)
    {
        using var document = JsonDocument.Parse(json);
        var measured = document.RootElement.GetProperty("measured");
        return new ModelSpeed(
            measured.GetProperty("decode").GetProperty("tokensPerSecond").GetDouble(),
            measured.GetProperty("memory") is { ValueKind: JsonValueKind.Object } memory ? memory.GetProperty("anonymous").GetInt64() : null, threads);
    }

    /// <summary>This program: an executable, or the host of .NET with the program behind it.</summary>
    private static ProcessStartInfo StartInfo()
    {
        var program = typeof(SpeedProbe).Assembly.GetName().Name!;
        var self = Environment.ProcessPath!;
        var isProgram = Path.GetFileNameWithoutExtension(self) == program;
        var info = new ProcessStartInfo(isProgram || Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (!isProgram)
            info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, program + ".dll"));
        return info;
    }
}
