using System.Text;

namespace BiMamba.Comparison.Reports;

/// <summary>Text inside HTML and SVG.</summary>
internal static class HtmlText
{
    /// <summary>The text as content of an element or of a quoted attribute. Control and format characters become U+FFFD: no form of XML has them all, and some reorder what is read.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in TextGrid.Clean(text))
        {
            _ = character switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                '\ufffe' or '\uffff' => escaped.Append('\ufffd'),
                _ => escaped.Append(character),
            };
        }

        return escaped.ToString();
    }
}
