using System.Globalization;
using System.Text;

namespace BiMamba.CommandLine.Cards;

/// <summary>Writes foreign text where it cannot become markup. Inputs may hold anything: a file can be called <c>a|b</c>.</summary>
internal static class CardText
{
    private const string MarkdownSigns = "\\`*_{}[]<>#|~&!$";

    /// <summary>Text for a paragraph or a cell of a Markdown table; controls are shown as escapes.</summary>
    public static string Markdown(string text) => Escape(text, rune => rune.IsAscii && MarkdownSigns.Contains((char)rune.Value, StringComparison.Ordinal) ? "\\" + rune : null, "\\\\");

    /// <summary>A string of YAML in double quotes.</summary>
    public static string Yaml(string text) => "\"" + Escape(text, rune => rune.Value is '"' or '\\' ? "\\" + rune : null, "\\") + "\"";

    /// <summary>A word of a POSIX shell; controls, which no sensible file name has, become question marks.</summary>
    public static string Shell(string text)
    {
        var plain = string.Concat(text.EnumerateRunes().Select(rune => IsPrinted(rune) ? rune.ToString() : "?"));
        var isWord = plain.Length > 0 && plain[0] != '-' && plain.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/');
        return isWord ? plain : "'" + plain.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }

    /// <summary>A measured number with at most six decimals; those that are none are called by name.</summary>
    public static string Number(double value) => double.IsFinite(value) ? value.ToString("0.######", CultureInfo.InvariantCulture) : double.IsNaN(value) ? "not a number" : value > 0 ? "infinite" : "-infinite";

    /// <summary>A whole number.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A share from 0 to 1 in percent.</summary>
    public static string Percent(double share) => (100 * share).ToString("0.###", CultureInfo.InvariantCulture) + " %";

    /// <summary>A number of YAML.</summary>
    public static string YamlNumber(double value) => double.IsFinite(value) ? value.ToString("0.######", CultureInfo.InvariantCulture) : double.IsNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";

    private static string Escape(string text, Func<Rune, string?> sign, string escape)
    {
        var escaped = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            escaped.Append(sign(rune) ?? rune.Value switch
            {
                '\n' => escape + "n",
                '\r' => escape + "r",
                '\t' => escape + "t",
                _ when IsPrinted(rune) => rune.ToString(),
                > 0xFFFF => string.Create(CultureInfo.InvariantCulture, $"{escape}U{rune.Value:X8}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"{escape}u{rune.Value:X4}"),
            });
        }

        return escaped.ToString();
    }

    private static bool IsPrinted(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
