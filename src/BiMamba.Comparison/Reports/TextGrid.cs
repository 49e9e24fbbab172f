using System.Globalization;
using System.Text;

namespace BiMamba.Comparison.Reports;

/// <summary>Plain text in columns: cells padded to the widest, numbers to the right, marks of footnotes behind them in a column of their own.</summary>
/// <param name="headers">The headers.</param>
/// <param name="isNumber">Whether a column stands to the right.</param>
internal sealed class TextGrid(IReadOnlyList<string> headers, IReadOnlyList<bool> isNumber)
{
    private readonly List<IReadOnlyList<(string Text, string Mark)>> rows = [[.. headers.Select(header => (Clean(header), ""))]];

    /// <summary>Adds a row: a cell and its mark, which may be empty, for every header.</summary>
    public void Add(IEnumerable<(string Text, string Mark)> cells) => rows.Add([.. cells.Select(cell => (Clean(cell.Text), cell.Mark))]);

    /// <summary>Appends all rows, without blanks at the ends of lines.</summary>
    public void Write(StringBuilder target)
    {
        var widths = headers.Select((_, column) => rows.Max(row => Length(row[column].Text))).ToArray();
        var marks = headers.Select((_, column) => rows.Max(row => row[column].Mark.Length)).ToArray();
        foreach (var row in rows)
        {
            var line = new StringBuilder();
            for (var column = 0; column < row.Count; column++)
            {
                var (text, mark) = row[column];
                var blanks = new string(' ', widths[column] - Length(text));
                line.Append(column > 0 ? "  " : "").Append(isNumber[column] ? blanks + text : text + blanks).Append(mark.PadRight(marks[column]));
            }

            target.Append(line.ToString().TrimEnd()).Append('\n');
        }
    }

    /// <summary>A text that moves no cursor: control characters, line ends among them, become U+FFFD.</summary>
    public static string Clean(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? "\ufffd" : rune.ToString()));

    private static int Length(string text) => new StringInfo(text).LengthInTextElements;
}
