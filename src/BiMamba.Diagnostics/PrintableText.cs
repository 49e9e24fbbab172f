using System.Globalization;

namespace BiMamba.Diagnostics;

/// <summary>Makes text that comes from files fit for a terminal: characters that could steer one are written as \uXXXX.</summary>
public static class PrintableText
{
    /// <summary>Text of several lines: line ends and tabs stay.</summary>
    public static string Lines(string text) => Escape(text, static c => c is not ('\n' or '\t') && IsControl(c));

    /// <summary>Text of one line.</summary>
    public static string Line(string text) => Escape(text, IsControl);

    private static string Escape(string text, Func<char, bool> isEscaped) => text.Any(isEscaped)
        ? string.Concat(text.Select(c => isEscaped(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}") : c.ToString()))
        : text;

    /// <summary>Control and direction characters.</summary>
    private static bool IsControl(char c) =>
        char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
