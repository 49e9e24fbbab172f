namespace BiMamba.Testing;

/// <summary>What a token of a text form is.</summary>
public enum TextTokenKind
{
    /// <summary>Letters, digits and underscores, joined by hyphens; with a sigil before it, by dots too.</summary>
    Word,

    /// <summary>Digits, with what stands in a number and a sign directly before it.</summary>
    Number,

    /// <summary>A text in double quotes.</summary>
    Quoted,

    /// <summary>Punctuation of one or two characters.</summary>
    Symbol,

    /// <summary>A line end; never two in a row.</summary>
    LineEnd,
}

/// <summary>A token of a text form, found without the grammars that the tests judge.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Its first character, from 0.</param>
/// <param name="Length">Its characters.</param>
public readonly record struct TextToken(TextTokenKind Kind, int Start, int Length)
{
    private static readonly string[] LongSymbols = ["==", "!=", "<=", ">=", "&&", "||", "->", "~="];

    /// <summary>The character behind it.</summary>
    public int End => Start + Length;

    /// <summary>The tokens of a text. Blanks, comments from <c>;</c> and empty lines separate them.</summary>
    public static IReadOnlyList<TextToken> Split(string text)
    {
        var tokens = new List<TextToken>();
        var at = 0;
        while (at < text.Length)
        {
            var c = text[at];
            if (c == ';')
            {
                at = EndOfLine(text, at);
            }
            else if (c is '\n' ? tokens is [] or [.., { Kind: TextTokenKind.LineEnd }] : char.IsWhiteSpace(c))
            {
                at++;
            }
            else
            {
                var token = Read(text, at);
                tokens.Add(token);
                at = token.End;
            }
        }

        return tokens;
    }

    private static TextToken Read(string text, int at)
    {
        var c = text[at];
        if (c == '\n')
            return new(TextTokenKind.LineEnd, at, 1);
        if (c == '"')
            return new(TextTokenKind.Quoted, at, EndOfQuoted(text, at) - at);
        var next = at + 1 < text.Length ? text[at + 1] : ' ';
        if (char.IsAsciiDigit(c) || (c == '-' && char.IsAsciiDigit(next) && (at == 0 || !IsWord(text[at - 1]))))
            return new(TextTokenKind.Number, at, EndOfNumber(text, at + 1) - at);
        if (IsWord(c))
            return new(TextTokenKind.Word, at, EndOfWord(text, at, "-") - at);
        if (c is '@' or '%' or '#' && (IsWord(next) || next == '"'))
            return new(TextTokenKind.Word, at, (next == '"' ? EndOfQuoted(text, at + 1) : EndOfWord(text, at + 1, "-.")) - at);
        return new(TextTokenKind.Symbol, at, LongSymbols.Any(symbol => string.CompareOrdinal(text, at, symbol, 0, 2) == 0) ? 2 : 1);
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static int EndOfLine(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;

    private static int EndOfQuoted(string text, int at)
    {
        var last = EndOfLine(text, at);
        for (at++; at < last && text[at] != '"'; at++)
        {
            if (text[at] == '\\')
                at++;
        }

        return Math.Min(at + 1, last);
    }

    private static int EndOfNumber(string text, int at)
    {
        while (at < text.Length && (IsWord(text[at]) || (text[at] == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))
            || (text[at] is '-' or '+' && text[at - 1] == 'e')))
        {
            at++;
        }

        return at;
    }

    private static int EndOfWord(string text, int at, string joints)
    {
        while (at < text.Length && (IsWord(text[at]) || (joints.Contains(text[at], StringComparison.Ordinal) && at + 1 < text.Length && IsWord(text[at + 1]))))
            at++;
        return at;
    }
}
