using BiMamba.CommandLine.Console;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>What a run of the command line gave.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Output">stdout.</param>
/// <param name="Error">stderr.</param>
internal sealed record Outcome(ExitCode Code, string Output, string Error)
{
    /// <summary>Fails unless the exit code is this one.</summary>
    public Outcome Is(ExitCode code)
    {
        Assert.True(Code == code, $"expected {code}, found {Code}; stderr:\n{Error}");
        return this;
    }
}

/// <summary>Runs the command line inside the test process.</summary>
internal static class Cli
{
    /// <summary>Runs one command line.</summary>
    public static async Task<Outcome> Run(params string[] args)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        using var terminal = new Terminal(output, error, isInteractive: false, allowsColour: false);
        var code = await Program.RunAsync(args, terminal);
        return new Outcome((ExitCode)code, output.ToString(), error.ToString());
    }
}
