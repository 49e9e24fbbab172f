using System.Globalization;
using System.Text;

namespace BiMamba.Formats.Common;

/// <summary>Makes names that come from a file fit to be printed.</summary>
internal static class Printable
{
    private const int MaxLength = 200;

    /// <summary>The name with control characters, format characters and lone surrogates written as \uXXXX, cut after 200 characters.</summary>
    public static string Name(string name)
    {
        if (name.Length <= MaxLength && !name.Any(IsEscaped))
            return name;
        var text = new StringBuilder();
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, MaxLength)))
        {
            if (IsEscaped(c))
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                text.Append(c);
        }

        return name.Length > MaxLength ? text.Append("...").ToString() : text.ToString();
    }

    // Surrogates are all escaped: a cut could fall between the two halves of a pair.
    private static bool IsEscaped(char c) =>
        char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
