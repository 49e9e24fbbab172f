using System.Diagnostics;
using System.Text;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>Runs the command line as a process of its own.</summary>
internal static class Child
{
    /// <summary>The assembly of the command line, beside that of the tests.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "bimambac.dll");

    /// <summary>Runs one command line to its end.</summary>
    public static Task<Outcome> Run(params string[] args) => Finish(Start(new ProcessStartInfo("dotnet", [Assembly, .. args])));

    /// <summary>Runs a command line in a folder, with changed environment variables.</summary>
    public static Task<Outcome> RunIn(string folder, IReadOnlyDictionary<string, string> environment, params string[] args)
    {
        var info = new ProcessStartInfo("dotnet", [Assembly, .. args]) { WorkingDirectory = folder };
        foreach (var (name, value) in environment)
            info.Environment[name] = value;
        return Finish(Start(info));
    }

    /// <summary>Runs a line of sh in which $BIMAMBAC is the command line. Skips where there is no sh.</summary>
    public static Task<Outcome> Shell(string folder, string script)
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "needs /bin/sh");
        var info = new ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = folder };
        info.Environment["BIMAMBAC"] = $"dotnet {Assembly}";
        return Finish(Start(info));
    }

    /// <summary>Starts a process with both streams redirected.</summary>
    public static Process Start(ProcessStartInfo info)
    {
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        info.StandardOutputEncoding = Encoding.UTF8;
        info.StandardErrorEncoding = Encoding.UTF8;
        return Process.Start(info)!;
    }

    /// <summary>Reads a process to its end.</summary>
    public static async Task<Outcome> Finish(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return new Outcome((ExitCode)process.ExitCode, await output, await error);
        }
    }
}
