using BiMamba.CommandLine.Commands;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>What the help of a command says is true.</summary>
public sealed class HelpTests
{
    /// <summary>The names of all commands.</summary>
    public static TheoryData<string> Names => [.. Commands().Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_example_of_a_command_parses(string name)
    {
        var description = Commands().Single(command => command.Name == name).Description!;
        var example = description[(description.IndexOf("Example: bimambac ", StringComparison.Ordinal) + "Example: bimambac ".Length)..];
        var parsed = Create().Parse(System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(example).ToArray());
        Assert.Empty(parsed.Errors);
        Assert.Equal(name, parsed.CommandResult.Command.Name);
    }

    [Fact]
    public async Task The_version_is_one_line_on_stdout()
    {
        var outcome = (await Cli.Run("--version")).Is(ExitCode.Ok);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", outcome.Output);
        Assert.Equal("", outcome.Error);
    }

    private static IEnumerable<System.CommandLine.Command> Commands() => Create().Subcommands;

    private static System.CommandLine.RootCommand Create() => CommandTable.Create(new CommonOptions(), (_, _, _) => Task.FromResult(0));
}
