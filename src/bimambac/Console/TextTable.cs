using System.Text;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Console;

/// <summary>Columns of text, padded to the widest cell; numbers to the right. Cells can come from files.</summary>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> rows = [];

    /// <summary>Adds a row with a cell for every header.</summary>
    public void Add(params string[] cells) => rows.Add([.. cells.Select(PrintableText.Line)]);

    /// <summary>Writes the table, without trailing blanks.</summary>
    public void Write(TextWriter writer)
    {
        var all = rows.Prepend(headers).ToList();
        var widths = headers.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        var isNumber = headers.Select((_, column) => rows.Count > 0 && rows.All(row => row[column].Length == 0 || char.IsAsciiDigit(row[column][0]) || row[column][0] is '-' or '+')).ToArray();
        foreach (var row in all)
        {
            var line = new StringBuilder();
            for (var column = 0; column < row.Length; column++)
                line.Append(column > 0 ? "  " : "").Append(isNumber[column] ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column]));
            writer.WriteLine(line.ToString().TrimEnd());
        }
    }
}
