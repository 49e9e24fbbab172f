using System.Diagnostics;

namespace BiMamba.Benchmarks.Table;

/// <summary>A program that failed, with what it said.</summary>
internal sealed class ChildFailedException(string message) : Exception(message);

/// <summary>Runs programs to their ends.</summary>
internal static class ChildProcess
{
    /// <summary>Runs a program and gives its stdout and its seconds.</summary>
    /// <exception cref="ChildFailedException">It cannot be started, or its exit code is not 0.</exception>
    public static (string Output, double Seconds) Run(string program, params IEnumerable<string> arguments)
    {
        var begin = Stopwatch.GetTimestamp();
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        if (process.ExitCode != 0)
            throw new ChildFailedException($"{Path.GetFileName(program)} {string.Join(' ', arguments)}: exit {process.ExitCode}\n{error.GetAwaiter().GetResult()}");
        return (output.GetAwaiter().GetResult(), seconds);
    }

    private static Process Start(string program, IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ChildFailedException($"{program}: {e.Message}");
        }
    }
}
