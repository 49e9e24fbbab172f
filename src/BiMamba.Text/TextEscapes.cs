using System.Globalization;
using System.Text;

namespace BiMamba.Text;

/// <summary>Prints values so that the tokens of <see cref="Lexer"/> read them back.</summary>
public static class TextEscapes
{
    /// <summary>Text in double quotes, with the escapes of <see cref="Lexer.QuotedString"/>.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when !IsPrinted(c) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>False for characters that steer a terminal or turn the direction of a line, and for halves of a character.</summary>
    private static bool IsPrinted(char c) => !char.IsControl(c) && char.GetUnicodeCategory(c)
        is not (UnicodeCategory.Surrogate or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>A name behind a sigil: as it is where <see cref="Lexer.DottedName"/> reads it, else in quotes.</summary>
    public static string Name(string name) => Lexer.IsDottedName(name) ? name : Quote(name);

    /// <summary>A word: as it is where <see cref="Lexer.KebabName"/> reads it and it is no other token, else in quotes.</summary>
    public static string Word(string word) =>
        Lexer.IsKebabName(word) && word is not ("true" or "false" or "inf" or "nan") ? word : Quote(word);

    /// <summary>The shortest form that <see cref="Lexer.Float"/> reads back to the same bits (one NaN).</summary>
    public static string Float(double value)
    {
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        var text = value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return text.AsSpan().IndexOfAny('.', 'e') >= 0 ? text : text + ".0";
    }
}
