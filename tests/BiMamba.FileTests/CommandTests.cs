using BiMamba.CommandLine;
using BiMamba.CommandLine.Console;

namespace BiMamba.FileTests;

/// <summary>That the tool runs inside this project.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task An_unknown_command_is_a_usage_error()
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        using var terminal = new Terminal(output, error, isInteractive: false, allowsColour: false);
        Assert.Equal(2, await Program.RunAsync(["unknown"], terminal));
        Assert.Contains("BIM7001", error.ToString(), StringComparison.Ordinal);
    }
}
