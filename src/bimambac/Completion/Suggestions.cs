using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;

namespace BiMamba.CommandLine.Completion;

/// <summary>
/// Answers <c>[suggest] LINE</c>, the question of the completion scripts: what may stand at the end of a line that is being
/// typed. <c>[suggest:N] LINE</c> has the cursor behind N characters, as dotnet-suggest asks.
/// </summary>
internal static class Suggestions
{
    /// <summary>The line up to the cursor that is asked about, or null where the command line is no such question.</summary>
    public static string? Question(RootCommand root, ParseResult parsed)
    {
        if (parsed.GetResult(root.Directives.OfType<SuggestDirective>().Single()) is not { } asked)
            return null;
        var line = parsed.Tokens.LastOrDefault(token => token.Type != TokenType.Directive)?.Value ?? "";
        return asked.Values is [var text, ..] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < line.Length ? line[..place] : line;
    }

    /// <summary>
    /// The words that may complete a line: commands, options that are not there yet, the words of a small vocabulary. None
    /// where the value is a file or free text.
    /// </summary>
    /// <param name="root">All commands.</param>
    /// <param name="line">The line up to the cursor, beginning with the name under which the program is called.</param>
    public static IReadOnlyList<string> Of(RootCommand root, string line)
    {
        if (BehindProgram(line) is not { } text)
            return [];
        var word = text[(text.LastIndexOfAny([' ', '\t']) + 1)..];
        if (word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
        {
            text = string.Concat(text.AsSpan()[..^(word.Length - equals)], " ", word.AsSpan(equals + 1));
            word = word[(equals + 1)..];
        }

        text = WithoutFlagsAtEnd(root, text, word, out var flags);
        var parsed = Parse(root, text);
        var found = parsed.GetCompletions(text.Length).Select(item => item.InsertText ?? item.Label).Except(flags, StringComparer.Ordinal)
            .Where(item => item.StartsWith(word, StringComparison.Ordinal) && item is not (['/', ..] or "-?")).ToArray();
        if (word.StartsWith('-'))
            return found;
        string[] words = [.. found.Where(item => !item.StartsWith('-'))];
        return words.Length > 0 || word.Length > 0 || TakesMore(parsed) ? words : found;
    }

    /// <summary>Without response files, as <see cref="Program"/> parses.</summary>
    private static ParseResult Parse(RootCommand root, string text) => root.Parse(text, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>What follows the name of the program, or null while that is being typed.</summary>
    private static string? BehindProgram(string line)
    {
        var start = line.Length - line.TrimStart().Length;
        var isQuoted = false;
        for (var i = start; i < line.Length; i++)
        {
            isQuoted ^= line[i] == '"';
            if (!isQuoted && char.IsWhiteSpace(line[i]))
                return line[i..];
        }

        return null;
    }

    /// <summary>Flags right before the word are left out: nobody types the truth value that could follow them.</summary>
    private static string WithoutFlagsAtEnd(RootCommand root, string text, string word, out List<string> flags)
    {
        flags = [];
        var before = text[..^word.Length].TrimEnd();
        var options = Parse(root, before).CommandResult.Command.Options.Concat(root.Options).ToArray();
        while (true)
        {
            var last = before[(before.LastIndexOfAny([' ', '\t']) + 1)..];
            if (options.FirstOrDefault(row => row.Name == last || row.Aliases.Contains(last)) is not { } option || option.ValueType != typeof(bool))
                return $"{before} {word}";
            flags.AddRange([option.Name, .. option.Aliases]);
            before = before[..^last.Length].TrimEnd();
        }
    }

    /// <summary>True where an argument of the command may stand.</summary>
    private static bool TakesMore(ParseResult parsed) => parsed.CommandResult.Command.Arguments
        .Any(argument => (parsed.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MaximumNumberOfValues);
}
