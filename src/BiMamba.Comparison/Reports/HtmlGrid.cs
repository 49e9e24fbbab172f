using System.Text;

namespace BiMamba.Comparison.Reports;

/// <summary>Tables of a page: they scroll inside their own frame, under a first column that stays.</summary>
internal static class HtmlGrid
{
    /// <summary>Appends a table whose first column names its rows.</summary>
    /// <param name="html">The page.</param>
    /// <param name="name">What it holds, for readers who do not see it.</param>
    /// <param name="headers">Headers, as text.</param>
    /// <param name="words">How many of the first columns hold words; the others hold numbers.</param>
    /// <param name="rows">Cells, as HTML.</param>
    public static void Write(StringBuilder html, string name, IReadOnlyList<string> headers, int words, IEnumerable<IEnumerable<string>> rows)
    {
        Open(html, name, headers.Select((header, i) => (header, i < words)));
        foreach (var row in rows)
        {
            html.Append("<tr>");
            var column = 0;
            foreach (var cell in row)
            {
                html.Append(column == 0 ? $"<th scope=\"row\">{cell}</th>" : column < words ? $"<td class=\"word\">{cell}</td>" : $"<td>{cell}</td>");
                column++;
            }

            html.Append("</tr>\n");
        }

        Close(html);
    }

    /// <summary>Appends the start of a table, up to its first row.</summary>
    public static void Open(StringBuilder html, string name, IEnumerable<(string Header, bool IsWord)> headers)
    {
        // What scrolls has to be reached with a keyboard.
        html.Append($"<div class=\"scroll\" role=\"region\" aria-label=\"{HtmlText.Escape(name)}\" tabindex=\"0\">\n<table>\n<thead><tr>");
        foreach (var (header, isWord) in headers)
            html.Append($"<th scope=\"col\"{(isWord ? " class=\"word\"" : "")}>{HtmlText.Escape(header)}</th>");
        html.Append("</tr></thead>\n<tbody>\n");
    }

    /// <summary>Appends what closes it.</summary>
    public static void Close(StringBuilder html) => html.Append("</tbody>\n</table>\n</div>\n");
}
