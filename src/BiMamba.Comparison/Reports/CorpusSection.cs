using System.Text;
using BiMamba.Comparison.Reports.Figures;

namespace BiMamba.Comparison.Reports;

/// <summary>The section of a page about a corpus: how it was measured, the table, the figures.</summary>
internal static class CorpusSection
{
    /// <summary>Its anchor in the page.</summary>
    /// <param name="number">Its number, from 1.</param>
    public static string Anchor(int number) => "corpus-" + ReportNumbers.Count(number);

    /// <summary>Appends the section.</summary>
    /// <param name="html">The page.</param>
    /// <param name="table">The corpus.</param>
    /// <param name="number">Its number, from 1.</param>
    public static void Write(StringBuilder html, CorpusTable table, int number)
    {
        html.Append($"<section id=\"{Anchor(number)}\">\n<h2>{HtmlText.Escape(table.Corpus.Name)}</h2>\n<dl class=\"facts\">\n");
        foreach (var (label, value) in table.Facts)
            html.Append($"<div{(value == table.Corpus.Sha256 ? " class=\"hash\"" : "")}><dt>{label}</dt><dd>{HtmlText.Escape(value)}</dd></div>\n");
        html.Append("</dl>\n");
        WriteTable(html, table, number);
        FigureSection.Write(html, table);
        html.Append("</section>\n");
    }

    private static void WriteTable(StringBuilder html, CorpusTable table, int number)
    {
        // Methods are long: in front they would push the numbers out of sight.
        var order = Enumerable.Range(0, TableColumns.All.Count).OrderBy(i => TableColumns.All[i].Kind == ColumnKind.Method).ToList();
        HtmlGrid.Open(html, "Results on " + table.Corpus.Name, order.Select(i => (TableColumns.All[i].Header, TableColumns.All[i].Kind <= ColumnKind.Training)));
        foreach (var row in table.Rows)
        {
            html.Append(row.IsReference ? "<tr class=\"reference\">" : "<tr>");
            foreach (var i in order)
                html.Append(Cell(TableColumns.All[i].Kind, row, row.Cells[i], number));
            html.Append("</tr>\n");
        }

        HtmlGrid.Close(html);
        if (table.Footnotes.Count > 0)
            html.Append("<ol class=\"footnotes\">\n").AppendJoin("", table.Footnotes.Select((note, i) => $"<li id=\"{Footnote(number, i + 1)}\">{HtmlText.Escape(note)}</li>\n")).Append("</ol>\n");
    }

    private static string Cell(ColumnKind kind, TableRow row, TableCell cell, int number)
    {
        var text = HtmlText.Escape(cell.Text);
        var mark = cell.Mark is { } note ? $"<sup><a href=\"#{Footnote(number, note)}\" aria-label=\"footnote {ReportNumbers.Count(note)}\">{ReportNumbers.Count(note)}</a></sup>" : "";
        return kind switch
        {
            ColumnKind.Name => $"<th scope=\"row\">{text}{(row.IsReference ? " <small class=\"tag\">reference</small>" : "")}<small>{HtmlText.Escape(row.Row.Model)}</small></th>",
            ColumnKind.Method => cell.Text == ReportNumbers.Missing ? "<td class=\"word\">-</td>" : $"<td class=\"word method\"><code>{text}</code></td>",
            ColumnKind.Training => Training(row.Row.Training),
            ColumnKind.ByToken when !row.HasTokenizerOfReference => $"<td class=\"apart\">{text}{mark}</td>",
            ColumnKind.Count => $"<td>{ReportNumbers.Grouped(row.Row.Size.FileBytes)}</td>",
            _ => $"<td>{text}{mark}{(cell.Detail.Length > 0 ? $"<small>{HtmlText.Escape(cell.Detail)}</small>" : "")}</td>",
        };
    }

    private static string Training(string training)
    {
        var style = TrainingStyle.Of(training);
        return $"<td class=\"word\"><span class=\"training\">{Marker.Key(style.Class, style.Shape)}{HtmlText.Escape(training)}</span></td>";
    }

    private static string Footnote(int number, int note) => $"{Anchor(number)}-note-{ReportNumbers.Count(note)}";
}
