using System.Text;
using BiMamba.Comparison.Published;
using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Reports;

/// <summary>
/// A report as one HTML page that needs nothing else: no script, no request, figures as SVG inside. It follows the
/// screen's width and the reader's choice of light or dark. It is well-formed XML, too.
/// </summary>
public static class HtmlPage
{
    /// <summary>The page, which ends with a line feed. It depends on its input only.</summary>
    /// <param name="report">The comparison.</param>
    /// <param name="published">Tables of published results, shown below what was measured.</param>
    public static string Render(ComparisonReport report, IReadOnlyList<PublishedTable>? published = null)
    {
        var tables = CorpusTable.All(report);
        var html = new StringBuilder();
        html.Append($"""
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8"/>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>{HtmlText.Escape(report.Title)}</title>
            <style>
            {PageStyle.Sheet}</style>
            </head>
            <body>
            <main>

            """.ReplaceLineEndings("\n"));
        WriteHead(html, report, tables, published ?? []);
        for (var i = 0; i < tables.Count; i++)
            CorpusSection.Write(html, tables[i], i + 1);
        PublishedSection.Write(html, published ?? []);
        WriteNotes(html, report.Notes);
        html.Append($"<footer>Measured with {HtmlText.Escape(report.Tool)}, layout {ReportNumbers.Count(report.SchemaVersion)}.</footer>\n");
        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void WriteHead(StringBuilder html, ComparisonReport report, IReadOnlyList<CorpusTable> tables, IReadOnlyList<PublishedTable> published)
    {
        html.Append($"<header>\n<h1>{HtmlText.Escape(report.Title)}</h1>\n");
        html.Append($"<p class=\"lead\">{Plural(report.Rows.Count, "model")} on {Plural(tables.Count, "text")}, compared with <strong>{HtmlText.Escape(report.Reference)}</strong>.</p>\n");
        var links = tables.Select((table, i) => (Anchor: CorpusSection.Anchor(i + 1), Text: table.Corpus.Name)).ToList();
        if (published.Count > 0)
            links.Add((PublishedSection.Anchor, "published results"));
        if (report.Notes.Count > 0)
            links.Add(("notes", "notes"));
        if (links.Count > 1)
            html.Append("<nav aria-label=\"Sections\"><ul>").AppendJoin("", links.Select(link => $"<li><a href=\"#{link.Anchor}\">{HtmlText.Escape(link.Text)}</a></li>")).Append("</ul></nav>\n");
        html.Append("<details>\n<summary>What the columns mean</summary>\n<dl class=\"columns\">\n");
        foreach (var column in TableColumns.All)
            html.Append($"<dt>{HtmlText.Escape(column.Header)}</dt><dd>{HtmlText.Escape(column.Meaning)}</dd>\n");
        html.Append("</dl>\n</details>\n</header>\n");
    }

    private static void WriteNotes(StringBuilder html, IReadOnlyList<string> notes)
    {
        if (notes.Count == 0)
            return;
        html.Append("<section id=\"notes\">\n<h2>Notes</h2>\n<ul class=\"notes\">\n");
        foreach (var note in notes)
            html.Append($"<li>{HtmlText.Escape(note)}</li>\n");
        html.Append("</ul>\n</section>\n");
    }

    private static string Plural(int count, string noun) => $"{ReportNumbers.Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
