using System.Diagnostics;
using System.Text;

namespace BiMamba.Architecture.Tests.Packages;

/// <summary>Runs programs to their end.</summary>
internal static class Command
{
    private const string Dotnet = "dotnet";

    /// <summary>Runs the SDK, which must succeed; what it wrote to stdout.</summary>
    public static Task<string> RunDotnet(string folder, params string[] arguments) => Run(Dotnet, folder, new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    /// <summary>Runs the SDK with a home folder of its own, so that nothing outside it changes.</summary>
    public static Task<string> RunDotnetAt(string home, string folder, params string[] arguments) => Run(Dotnet, folder, Home(home), arguments);

    /// <summary>Runs a program with a home folder of its own.</summary>
    public static Task<string> RunAt(string home, string program, string folder, params string[] arguments) => Run(program, folder, Home(home), arguments);

    private static Dictionary<string, string> Home(string home) =>
        new(StringComparer.Ordinal) { ["HOME"] = home, ["USERPROFILE"] = home, ["DOTNET_CLI_HOME"] = home };

    private static async Task<string> Run(string program, string folder, Dictionary<string, string> environment, string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        environment["MSBUILDDISABLENODEREUSE"] = environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = environment["DOTNET_NOLOGO"] = "1";
        foreach (var (name, value) in environment)
            info.Environment[name] = value;
        var cancellation = TestContext.Current.CancellationToken;
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.True(process.ExitCode == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}{await error}");
        return await output;
    }
}
