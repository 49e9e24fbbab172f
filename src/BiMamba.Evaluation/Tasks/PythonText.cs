using System.Text;

namespace BiMamba.Evaluation.Tasks;

/// <summary>What Python's <c>str</c> does, where the prompts of the harness depend on it.</summary>
internal static class PythonText
{
    /// <summary><c>len(text)</c>: code points.</summary>
    public static int Length(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }

    /// <summary><c>text.strip()</c>.</summary>
    public static string Strip(string text) => StripEnd(StripStart(text));

    /// <summary><c>text.lstrip()</c>.</summary>
    public static string StripStart(string text)
    {
        var start = 0;
        while (start < text.Length && IsSpace(text[start]))
            start++;
        return text[start..];
    }

    /// <summary><c>text.rstrip()</c>.</summary>
    public static string StripEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
            end--;
        return text[..end];
    }

    /// <summary>
    /// <c>text.capitalize()</c>: the first character large, all others small, by the case mappings of single characters.
    /// Python also maps a few characters to two (<c>ß</c>) or by what stands behind them (<c>Σ</c>).
    /// </summary>
    public static string Capitalize(string text)
    {
        if (text.Length == 0)
            return text;
        Rune.DecodeFromUtf16(text, out var first, out var length);
        return Rune.ToUpperInvariant(first) + text[length..].ToLowerInvariant();
    }

    /// <summary><c>character.isspace()</c>; the separators U+001C to U+001F are space in Python only.</summary>
    private static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';
}
