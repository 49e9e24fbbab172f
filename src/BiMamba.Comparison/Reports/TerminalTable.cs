using System.Text;
using BiMamba.Comparison.Published;
using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Reports;

/// <summary>A report as plain text for a terminal: aligned columns, no colours, a section for every corpus.</summary>
public static class TerminalTable
{
    private const int LongestMethod = 40;

    /// <summary>The text, which ends with a line feed.</summary>
    /// <param name="report">The comparison.</param>
    /// <param name="published">Tables of published results, shown below what was measured.</param>
    public static string Render(ComparisonReport report, IReadOnlyList<PublishedTable>? published = null)
    {
        var text = new StringBuilder();
        Line(text, report.Title);
        Line(text, $"reference: {report.Reference}");
        foreach (var table in CorpusTable.All(report))
            Write(text, table);
        foreach (var table in published ?? [])
            Write(text, table);
        if (report.Notes.Count > 0)
            Line(text.Append('\n'), "notes:");
        foreach (var note in report.Notes)
            Line(text, "- " + note);
        return text.ToString();
    }

    private static void Write(StringBuilder text, CorpusTable table)
    {
        Line(text.Append('\n'), $"corpus: {table.Corpus.Name}");
        foreach (var (label, value) in table.Facts)
            Line(text, $"{label}: {value}");
        text.Append('\n');
        var grid = new TextGrid([.. TableColumns.All.Select(column => column.Header)], [.. TableColumns.All.Select(column => column.Kind > ColumnKind.Training)]);
        foreach (var row in table.Rows)
            grid.Add(row.Cells.Select((cell, i) => (TableColumns.All[i].Kind == ColumnKind.Method ? Shorten(cell.Text) : cell.Whole, cell.Mark is { } mark ? $" [{mark}]" : "")));
        grid.Write(text);
        WriteBelow(text, table);
    }

    private static void WriteBelow(StringBuilder text, CorpusTable table)
    {
        var methods = table.Rows.Where(row => row.Row.Method is { } method && Shorten(method) != method).ToList();
        if (table.Footnotes.Count + methods.Count > 0)
            text.Append('\n');
        for (var i = 0; i < table.Footnotes.Count; i++)
            Line(text, $"[{i + 1}] {table.Footnotes[i]}");
        foreach (var row in methods)
            Line(text, $"method of {row.Row.Name}: {row.Row.Method}");
    }

    private static void Write(StringBuilder text, PublishedTable table)
    {
        Line(text.Append('\n'), $"published elsewhere, not measured here: {table.Title}");
        Line(text, $"source: {table.Source}, {table.Version}");
        text.Append('\n');
        var grid = new TextGrid(["model", "method", .. table.Columns], [false, false, .. table.Columns.Select(_ => true)]);
        foreach (var row in table.Rows)
            grid.Add(((string[])[row.Model, row.Method, .. row.Values.Select(value => value ?? ReportNumbers.Missing)]).Select(cell => (cell, "")));
        grid.Write(text);
    }

    private static string Shorten(string method) => method.Length > LongestMethod ? method[..(LongestMethod - 3)] + "..." : method;

    private static void Line(StringBuilder text, string line) => text.Append(TextGrid.Clean(line)).Append('\n');
}
