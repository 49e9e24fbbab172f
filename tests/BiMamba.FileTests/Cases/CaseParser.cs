using System.Text.RegularExpressions;

namespace BiMamba.FileTests.Cases;

/// <summary>
/// Reads a case file:
/// <code>
/// ; One sentence that says what the case shows.
/// -- file model/config.json --
/// { }
///
/// $ bimambac inspect $TMP/model
/// exit 4
/// -- stderr --
/// error ...
/// </code>
/// A line of a body that would be read as the form itself has a backslash before it.
/// </summary>
internal sealed partial class CaseParser
{
    private readonly CaseLine[] lines;
    private int next;

    private CaseParser(string text)
    {
        var split = text.ReplaceLineEndings("\n").Split('\n');
        lines = [.. split.Select((line, i) => new CaseLine(i + 1, line))];
    }

    /// <summary>Reads the text of a case file.</summary>
    /// <exception cref="CaseException">The text does not follow the form.</exception>
    public static CaseFile Parse(string text) => new CaseParser(text).File();

    /// <summary>A line of a body as it stands in a case file.</summary>
    public static string Escape(string line) => line.StartsWith('\\') || IsMark(line) ? "\\" + line : line;

    private static string Unescape(string line) => line.StartsWith('\\') && (line.StartsWith("\\\\", StringComparison.Ordinal) || IsMark(line[1..])) ? line[1..] : line;

    private static bool IsMark(string line) => line.StartsWith("-- ", StringComparison.Ordinal) || line.StartsWith("$ ", StringComparison.Ordinal);

    private CaseFile File()
    {
        var steps = new List<CaseStep> { Head() };
        while (next < lines.Length)
        {
            if (lines[next].Text.Trim().Length == 0)
                next++;
            else
                steps.Add(lines[next].Text.StartsWith("$ ", StringComparison.Ordinal) ? Command() : Input());
        }

        if (!steps.OfType<CaseCommand>().Any())
            throw new CaseException(lines.Length, "expected a line '$ bimambac ...', found the end of the file");
        return new CaseFile(steps);
    }

    private CaseHead Head()
    {
        while (next < lines.Length && lines[next].Text.StartsWith("; ", StringComparison.Ordinal))
            next++;
        if (next == 0)
            throw new CaseException(1, "expected a line '; SENTENCE' that says what the case shows");
        return new CaseHead(lines[..next]);
    }

    private CaseInput Input()
    {
        var start = next;
        var words = Mark(lines[next++]);
        if (words[0] is "stdout" or "stderr" or "files")
            throw new CaseException(start + 1, $"'{words[0]}' stands only below the 'exit' line of a command");
        var body = Body();
        return new CaseInput(lines[start..(start + 1 + body.Length)], words[0], words[1..], [.. body.Select(line => line with { Text = Unescape(line.Text) })]);
    }

    private CaseCommand Command()
    {
        var line = lines[next++];
        var words = CaseWords.Split(line.Text[2..], line.Number);
        if (words.Count == 0 || words[0] is not ("bimambac" or "cat"))
            throw new CaseException(line.Number, $"expected '$ bimambac ...' or '$ cat FILE', found '{line.Text}'");
        var (mayPrint, mayWrite) = Exit();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (next < lines.Length && lines[next].Text.StartsWith("-- ", StringComparison.Ordinal) && Mark(lines[next]) is ["stdout" or "stderr" or "files", ..] mark)
        {
            if (!seen.Add(mark[0]))
                throw new CaseException(lines[next].Number, $"'{mark[0]}' stands twice below one command");
            next++;
            Body();
        }

        return new CaseCommand([line], words, mayPrint, mayWrite);
    }

    /// <summary>Reads the line <c>exit N</c>. It may be missing until the case is blessed.</summary>
    private (bool MayPrint, bool MayWrite) Exit()
    {
        if (next == lines.Length || lines[next].Text.Trim().Length == 0)
            return (false, false);
        var match = ExitLine().Match(lines[next].Text);
        if (!match.Success)
            throw new CaseException(lines[next].Number, $"expected 'exit N', 'exit N, with output' or 'exit N, with files' below a command, found '{lines[next].Text}'");
        next++;
        return (match.Groups["output"].Success, match.Groups["files"].Success);
    }

    /// <summary>The lines up to the next mark, without the blank lines at the end.</summary>
    private CaseLine[] Body()
    {
        var start = next;
        while (next < lines.Length && !IsMark(lines[next].Text))
            next++;
        var end = next;
        while (end > start && lines[end - 1].Text.Trim().Length == 0)
            end--;
        return lines[start..end];
    }

    private static string[] Mark(CaseLine line)
    {
        if (!line.Text.StartsWith("-- ", StringComparison.Ordinal) || !line.Text.EndsWith(" --", StringComparison.Ordinal) || line.Text.Length < 7)
            throw new CaseException(line.Number, $"expected '-- INPUT ARGUMENTS --' or '$ bimambac ...', found '{line.Text}'");
        var words = CaseWords.Split(line.Text[3..^3], line.Number);
        return words.Count > 0 ? [.. words] : throw new CaseException(line.Number, "expected a word between '--' and '--'");
    }

    [GeneratedRegex(@"^exit \d+(?<output>, with output)?(?<files>, with files)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExitLine();
}
