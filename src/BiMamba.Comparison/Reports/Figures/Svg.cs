using System.Globalization;
using System.Text;

namespace BiMamba.Comparison.Reports.Figures;

/// <summary>Pieces of SVG. Colours are classes of the page's style sheet.</summary>
internal static class Svg
{
    /// <summary>Height of text in user units.</summary>
    public const double FontSize = 12;

    /// <summary>Height that a line of text takes.</summary>
    public const double LineHeight = 15;

    /// <summary>A coordinate.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The start of an image that stretches to its place.</summary>
    /// <param name="size">Its size.</param>
    /// <param name="height">Height in user units.</param>
    /// <param name="description">What it shows, for readers who do not see it.</param>
    public static string Open(FigureSize size, double height, string description) =>
        $"""<svg xmlns="http://www.w3.org/2000/svg" class="{size.Class}" viewBox="0 0 {size.Width} {Number(height)}" role="img" aria-label="{HtmlText.Escape(description)}">""" + "\n";

    /// <summary>A text on one line.</summary>
    /// <param name="x">Where it is anchored.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    /// <param name="text">The text.</param>
    /// <param name="style">Its classes.</param>
    public static string Text(double x, double y, string anchor, string text, string style) =>
        $"""<text class="{style}" x="{Number(x)}" y="{Number(y)}" text-anchor="{anchor}">{HtmlText.Escape(text)}</text>""" + "\n";

    /// <summary>A path.</summary>
    public static string Path(string style, string data) => $"""<path class="{style}" d="{data}"/>""" + "\n";

    /// <summary>A path that shows a text when pointed at.</summary>
    public static string Path(string style, string data, string tooltip) => $"""<path class="{style}" d="{data}"><title>{HtmlText.Escape(tooltip)}</title></path>""" + "\n";

    /// <summary>A line through points.</summary>
    public static string Line(IEnumerable<(double X, double Y)> points) => "M" + string.Join('L', points.Select(point => $"{Number(point.X)} {Number(point.Y)}"));

    /// <summary>About how wide a text is: fonts of systems differ, so that this is rather too much.</summary>
    public static double Width(string text) => FontSize * text.EnumerateRunes().Sum(rune => rune.Value switch
    {
        'i' or 'j' or 'l' or '.' or ',' or ':' or ';' or '|' or '\'' or '!' => 0.3,
        ' ' or 'f' or 't' or 'r' or '-' or '(' or ')' or '[' or ']' => 0.42,
        'm' or 'w' or 'M' or 'W' or '@' or '%' or '\u2026' => 1,
        >= 'A' and <= 'Z' => 0.7,
        < 0x2e80 => 0.59,
        _ => 1.05,
    });

    /// <summary>The text, or as much of its start as fits, with an ellipsis.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">Room in user units.</param>
    public static string Shorten(string text, double width)
    {
        if (Width(text) <= width)
            return text;
        var start = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Width(start.ToString() + rune + "\u2026") > width)
                break;
            start.Append(rune.ToString());
        }

        return start.ToString().TrimEnd() + "\u2026";
    }
}
