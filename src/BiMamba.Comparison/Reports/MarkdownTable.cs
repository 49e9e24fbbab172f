using System.Text;
using BiMamba.Comparison.Published;
using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Reports;

/// <summary>A report as Markdown with tables as GitHub reads them. Names and methods are shown as they are: what would be markup is escaped.</summary>
public static class MarkdownTable
{
    /// <summary>The document, which ends with a line feed.</summary>
    /// <param name="report">The comparison.</param>
    /// <param name="published">Tables of published results, shown below what was measured.</param>
    public static string Render(ComparisonReport report, IReadOnlyList<PublishedTable>? published = null)
    {
        var text = new StringBuilder();
        Line(text, $"# {Escape(report.Title)}");
        Line(text.Append('\n'), $"Reference: {Escape(report.Reference)}. Measured with {Escape(report.Tool)}.");
        foreach (var table in CorpusTable.All(report))
            Write(text, table);
        WritePublished(text, published ?? []);
        if (report.Notes.Count > 0)
            Line(text.Append('\n'), "## Notes\n");
        foreach (var note in report.Notes)
            Line(text, "- " + Escape(note));
        return text.ToString();
    }

    private static void Write(StringBuilder text, CorpusTable table)
    {
        Line(text.Append('\n'), $"## {Escape(table.Corpus.Name)}\n");
        foreach (var (label, value) in table.Facts)
            Line(text, $"- {label}: {Escape(value)}");
        text.Append('\n');
        Header(text, TableColumns.All.Select(column => (column.Header, column.Kind > ColumnKind.Training)));
        foreach (var row in table.Rows)
            Row(text, row.Cells.Select(cell => Escape(cell.Whole) + (cell.Mark is { } mark ? $" [{mark}]" : "")));
        for (var i = 0; i < table.Footnotes.Count; i++)
            Line(text.Append('\n'), $"[{i + 1}] {Escape(table.Footnotes[i])}");
    }

    private static void WritePublished(StringBuilder text, IReadOnlyList<PublishedTable> published)
    {
        if (published.Count > 0)
            Line(text.Append('\n'), "## Published elsewhere, not measured here");
        foreach (var table in published)
        {
            Line(text.Append('\n'), $"### {Escape(table.Title)}\n");
            Line(text, $"Source: {Escape(table.Source)}, {Escape(table.Version)}\n");
            Header(text, [("model", false), ("method", false), .. table.Columns.Select(column => (column, true))]);
            foreach (var row in table.Rows)
                Row(text, ((string[])[row.Model, row.Method, .. row.Values.Select(value => value ?? ReportNumbers.Missing)]).Select(Escape));
        }
    }

    private static void Header(StringBuilder text, IEnumerable<(string Header, bool IsNumber)> columns)
    {
        Row(text, columns.Select(column => Escape(column.Header)));
        text.Append('|').AppendJoin("", columns.Select(column => column.IsNumber ? "---:|" : "---|")).Append('\n');
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string Escape(string text)
    {
        text = TextGrid.Clean(text);
        var escaped = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            // An underscore inside a word is no markup; elsewhere it may begin emphasis.
            var isMarkup = text[i] == '_'
                ? i == 0 || i + 1 == text.Length || !char.IsLetterOrDigit(text[i - 1]) || !char.IsLetterOrDigit(text[i + 1])
                : text[i] is '\\' or '`' or '*' or '<' or '>' or '|' or '~' or '&' || (text[i] == '[' && text.IndexOf("](", i, StringComparison.Ordinal) >= 0);
            escaped.Append(isMarkup ? "\\" : "").Append(text[i]);
        }

        return escaped.ToString();
    }
}
