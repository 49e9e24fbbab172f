using BiMamba.CommandLine;
using BiMamba.CommandLine.Commands;
using BiMamba.Testing;

namespace BiMamba.FileTests.Cases;

/// <summary>Every command has its cases: one of its help, and one that runs it.</summary>
public sealed class HelpCoverageTests
{
    private static IReadOnlyList<System.CommandLine.Command> Commands { get; } =
        [.. CommandTable.Create(new CommonOptions(), (_, _, _) => Task.FromResult(0)).Subcommands];

    [Fact]
    public void Every_command_has_a_case_of_its_help_and_every_such_case_a_command()
    {
        var files = Directory.GetFiles(Repository.Golden("cli", "help"), "*.case").Select(Path.GetFileNameWithoutExtension).Where(name => !name!.EndsWith(".received", StringComparison.Ordinal));
        Assert.Equal(Commands.Select(command => command.Name).Append("bimambac").Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_command_runs_in_a_case_with_each_form_of_its_output()
    {
        var lines = Directory.GetFiles(Repository.Golden("cli"), "*.case").Where(file => !file.EndsWith(".received.case", StringComparison.Ordinal))
            .SelectMany(File.ReadLines).Where(line => line.StartsWith("$ bimambac ", StringComparison.Ordinal)).ToArray();
        var missing = Commands.SelectMany(command => command.Options.Where(option => option.Name == "--json").Select(option => $" {option.Name}").Append("").Select(option => (command.Name, Option: option)))
            .Where(form => !lines.Any(line => $"{line} ".StartsWith($"$ bimambac {form.Name} ", StringComparison.Ordinal)
                && (form.Option.Length == 0 ? !line.Contains(" --json", StringComparison.Ordinal) : line.Contains(form.Option, StringComparison.Ordinal))));
        Assert.Empty(missing);
    }
}
