using System.CommandLine;
using System.CommandLine.Parsing;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Text;

namespace BiMamba.CommandLine;

/// <summary>Says what is wrong with a command line, each cause with its own hint.</summary>
internal static class UsageErrors
{
    /// <summary>The errors of a command line that does not parse.</summary>
    public static IEnumerable<Diagnostic> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var help = $"see bimambac {(command is RootCommand ? "" : command.Name + " ")}--help";
        var afterUnknownOption = false;
        foreach (var token in parsed.UnmatchedTokens)
        {
            if (token is ['-', _, ..])
                yield return Error($"unknown option '{token}'", NearestName.Hint(token.Split('=')[0], OptionNames(parsed)));
            else if (command is RootCommand)
                yield return Error($"unknown command '{token}'", NearestName.Hint(token, command.Subcommands.Select(known => known.Name)));
            else if (!afterUnknownOption)
                yield return Error($"unexpected argument '{token}'", help);
            // A word behind an unknown option is its value.
            afterUnknownOption = token is ['-', _, ..];
            if (command is RootCommand)
                yield break;
        }

        foreach (var error in parsed.Errors.Where(error => !IsUnmatched(error, parsed)))
            yield return Error(error.Message.TrimEnd('.'), help);
    }

    private static Diagnostic Error(string message, string hint) => new(CommandDiagnostics.Usage, message, Place.None, hint);

    private static bool IsUnmatched(ParseError error, ParseResult parsed) =>
        error.SymbolResult is CommandResult && parsed.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal));

    private static IEnumerable<string> OptionNames(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(option => option.Recursive)).Select(option => option.Name).Distinct(StringComparer.Ordinal);
}
