using BiMamba.CommandLine.Commands;
using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>The help of every command, and that its examples parse.</summary>
public sealed class HelpTests
{
    private const string Root = "bimambac";

    /// <summary>The names of all commands, and that of the program itself.</summary>
    public static TheoryData<string> Names => [Root, .. Commands().Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Help_is_the_golden_one(string name)
    {
        // The width of help is that of a redirected stdout, which only a child process is sure to have.
        var outcome = await Child.Run(name == Root ? ["--help"] : [name, "--help"]);
        outcome.Is(ExitCode.Ok);
        Assert.Equal("", outcome.Error);
        Golden.Match(Repository.Golden("cli", "help", name + ".verified.txt"), string.Join('\n', outcome.Output.Split('\n').Select(line => line.TrimEnd())));
    }

    [Fact]
    public void Every_golden_help_has_a_command()
    {
        var files = Directory.GetFiles(Repository.Golden("cli", "help"), "*.verified.txt").Select(file => Path.GetFileName(file).Split('.')[0]);
        Assert.Equal(Names.Select(row => row.Data).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_example_of_a_command_parses(string name)
    {
        if (name == Root)
            return;
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
