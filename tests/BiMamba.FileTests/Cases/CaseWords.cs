using System.Text;

namespace BiMamba.FileTests.Cases;

/// <summary>Splits a line at blanks; text in double quotes (with backslash escapes) or single quotes (as it stands) is one word.</summary>
internal static class CaseWords
{
    /// <summary>The words of a line.</summary>
    /// <param name="text">The line.</param>
    /// <param name="line">Its number, for errors.</param>
    /// <exception cref="CaseException">A quotation mark is not closed.</exception>
    public static IReadOnlyList<string> Split(string text, int line)
    {
        var words = new List<string>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && text[at] == ' ')
                at++;
            if (at == text.Length)
                return words;
            words.Add(Word(text, ref at, line));
        }
    }

    private static string Word(string text, ref int at, int line)
    {
        var word = new StringBuilder();
        var quote = '\0';
        for (; at < text.Length && (quote != '\0' || text[at] != ' '); at++)
        {
            if (text[at] == quote)
                quote = '\0';
            else if (quote == '\0' && text[at] is '"' or '\'')
                quote = text[at];
            else if (quote == '"' && text[at] == '\\' && at + 1 < text.Length)
                word.Append(text[++at]);
            else
                word.Append(text[at]);
        }

        return quote == '\0' ? word.ToString() : throw new CaseException(line, $"expected {quote} at the end of a quoted word");
    }
}
