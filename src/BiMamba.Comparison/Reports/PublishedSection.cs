using System.Text;
using BiMamba.Comparison.Published;

namespace BiMamba.Comparison.Reports;

/// <summary>The section of a page with results that others published.</summary>
internal static class PublishedSection
{
    /// <summary>Its anchor in the page.</summary>
    public const string Anchor = "published";

    /// <summary>Appends the section; nothing where there are no tables.</summary>
    public static void Write(StringBuilder html, IReadOnlyList<PublishedTable> tables)
    {
        if (tables.Count == 0)
            return;
        html.Append($"<section id=\"{Anchor}\" class=\"published\">\n<h2>Published elsewhere, not measured here</h2>\n");
        html.Append("<p>Numbers as their sources print them. Texts, windows and tokenizers may differ from those above: they do not compare with what was measured here.</p>\n");
        foreach (var table in tables)
            Write(html, table);
        html.Append("</section>\n");
    }

    private static void Write(StringBuilder html, PublishedTable table)
    {
        html.Append($"<h3>{HtmlText.Escape(table.Title)}</h3>\n<p class=\"source\">Source: {Source(table.Source)}, {HtmlText.Escape(table.Version)}</p>\n");
        HtmlGrid.Write(
            html, "Published: " + table.Title, ["model", "method", .. table.Columns], 2,
            table.Rows.Select(row => ((string[])[row.Model, row.Method, .. row.Values.Select(value => value ?? ReportNumbers.Missing)]).Select(HtmlText.Escape)));
    }

    private static string Source(string source) =>
        source.StartsWith("https://", StringComparison.Ordinal) && !source.Contains(' ', StringComparison.Ordinal)
            ? $"<a rel=\"noreferrer\" href=\"{HtmlText.Escape(source)}\">{HtmlText.Escape(source)}</a>"
            : HtmlText.Escape(source);
}
