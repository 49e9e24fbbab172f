using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Text;

namespace BiMamba.Passes.Shared;

/// <summary>
/// A pattern over names of resources: <c>*</c> stands for any characters, dots and none included, and takes as few as it
/// can from left to right; everything else stands for itself.
/// </summary>
/// <param name="text">The pattern.</param>
public sealed class NamePattern(string text)
{
    /// <summary>The pattern as it was written.</summary>
    public string Text => text;

    /// <summary>Wildcards of the pattern.</summary>
    public int Wildcards => Count(text);

    /// <summary>Wildcards of a text.</summary>
    public static int Count(string text) => text.Count(c => c == '*');

    /// <summary>True where the whole name matches.</summary>
    public bool Matches(string name) => Match(name) is not null;

    /// <summary>What each wildcard stands for, or null where the name does not match. Takes at most the product of both lengths.</summary>
    public IReadOnlyList<string>? Match(string name)
    {
        var spans = new List<(int First, int End)>();
        int p = 0, n = 0, star = -1;
        while (n < name.Length)
        {
            if (p < text.Length && text[p] == '*')
            {
                star = p++;
                spans.Add((n, n));
            }
            else if (p < text.Length && text[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                // The last wildcard takes one character more, and what stands behind it is tried again.
                spans[^1] = (spans[^1].First, spans[^1].End + 1);
                (p, n) = (star + 1, spans[^1].End);
            }
            else
            {
                return null;
            }
        }

        for (; p < text.Length && text[p] == '*'; p++)
            spans.Add((n, n));
        return p == text.Length ? [.. spans.Select(span => name[span.First..span.End])] : null;
    }

    /// <summary>A text whose wildcards are replaced in order.</summary>
    public static string Fill(string target, IReadOnlyList<string> captures)
    {
        var filled = new StringBuilder();
        var index = 0;
        foreach (var c in target)
        {
            if (c == '*')
                filled.Append(captures[index++]);
            else
                filled.Append(c);
        }

        return filled.ToString();
    }

    /// <summary>Reports a pattern that matches none of the names, with the nearest one: layers are one wildcard, so that a model of many has few names.</summary>
    public void ReportNoMatch(string stage, IEnumerable<string> names, string kind, DiagnosticBag diagnostics) => diagnostics.Add(
        PipelineDiagnostics.NoMatch,
        $"{TextEscapes.Quote(text)} matches no {kind}",
        new Place(stage),
        NearestName.Hint(text, names.Select(General).Distinct(StringComparer.Ordinal)));

    private static string General(string name) => string.Join('.', name.Split('.').Select(part => part.Length > 0 && part.All(char.IsAsciiDigit) ? "*" : part));
}
