using System.Globalization;
using System.Text;
using Sprache;

namespace BiMamba.Text;

/// <content>The character scanners below the tokens.</content>
public static partial class Lexer
{
    /// <summary>The outcome of a scanner: the end of the token, or -1 with the position and the expectation of the failure.</summary>
    private readonly record struct Scan(int End, int FailedAt = 0, string Expected = "");

    private delegate Scan Scanner<T>(TextInput input, out T value);

    /// <summary>Skips blanks and comments at the start of a text, line ends included.</summary>
    internal static TextInput SkipLeading(TextInput input) => new(input.State, SkipBlanks(input.Source, input.Position, lineEnds: true));

    /// <summary>True where <see cref="DottedName"/> reads the whole text.</summary>
    internal static bool IsDottedName(string text) => ScanDotted(text, 0) == text.Length;

    /// <summary>True where <see cref="KebabName"/> reads the whole text.</summary>
    internal static bool IsKebabName(string text) => ScanKebab(text, 0) == text.Length;

    /// <summary>What stands at a position, for a message.</summary>
    internal static string Describe(SourceText text, int position)
    {
        var source = text.Content;
        if (position >= source.Length)
            return EndOfText;
        var c = source[position];
        if (c is '\n' or '\r')
            return "the end of the line";
        if (char.IsControl(c) || char.IsSurrogate(c))
            return string.Create(CultureInfo.InvariantCulture, $"character U+{(int)c:X4}");
        var end = position + 1;
        if (IsWord(c))
        {
            while (end < source.Length && IsWord(source[end]) && end - position < 40)
                end++;
        }

        return $"'{source[position..end]}'";
    }

    private static Parser<T> Token<T>(Scanner<T> scan) => input =>
    {
        var text = (TextInput)input;
        var result = scan(text, out var value);
        if (result.End < 0)
            return Fail<T>(input, result.FailedAt, result.Expected);
        var next = SkipBlanks(text.Source, result.End, text.State.NewLines == NewLines.Blank);
        return Result.Success(value, new TextInput(text.State, next));
    };

    private static Parser<string> Word(string expected, Func<string, int, int> scan) => Token((TextInput input, out string value) =>
    {
        var end = scan(input.Source, input.Position);
        value = end < 0 ? "" : input.Source[input.Position..end];
        return end < 0 ? new Scan(-1, input.Position, expected) : new Scan(end);
    });

    private static int SkipBlanks(string source, int position, bool lineEnds)
    {
        while (position < source.Length)
        {
            var c = source[position];
            if (c == ';')
            {
                while (position < source.Length && source[position] != '\n')
                    position++;
            }
            else if (c is ' ' or '\t' or '\r' || (lineEnds && c == '\n'))
            {
                position++;
            }
            else
            {
                break;
            }
        }

        return position;
    }

    private static IResult<string> ScanLineBreak(TextInput input)
    {
        if (input.AtEnd || input.Current != '\n')
            return Fail<string>(input, input.Position, "the end of the line");
        return Result.Success("", new TextInput(input.State, SkipBlanks(input.Source, input.Position, lineEnds: true)));
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static bool IsLongerOperator(string symbol, string source, int end)
    {
        if (end >= source.Length)
            return false;
        return symbol switch
        {
            "=" or "!" or "<" or ">" => source[end] == '=',
            "-" => source[end] == '>',
            _ => false,
        };
    }

    private static int ScanIdentifier(string source, int position)
    {
        if (position >= source.Length || !IsWord(source[position]) || char.IsAsciiDigit(source[position]))
            return -1;
        while (position < source.Length && IsWord(source[position]))
            position++;
        return position;
    }

    private static int ScanKebab(string source, int position)
    {
        var end = ScanIdentifier(source, position);
        while (end > 0 && end + 1 < source.Length && source[end] == '-' && IsWord(source[end + 1]))
        {
            end++;
            while (end < source.Length && IsWord(source[end]))
                end++;
        }

        return end;
    }

    private static int ScanDotted(string source, int position)
    {
        var end = position;
        while (true)
        {
            var start = end;
            while (end < source.Length && (IsWord(source[end]) || (source[end] == '-' && end > start && end + 1 < source.Length && IsWord(source[end + 1]))))
                end++;
            if (end == start)
                return -1;
            if (end + 1 >= source.Length || source[end] != '.' || !IsWord(source[end + 1]))
                return end;
            end++;
        }
    }

    /// <summary>The end of a number and whether it is written as a float; -1 where there is none.</summary>
    private static (int End, bool IsFloat) ScanNumber(string source, int position)
    {
        var end = position < source.Length && source[position] == '-' ? position + 1 : position;
        // The whole word, hyphens included: inf-x is no number.
        if (ScanKebab(source, end) is var word && word > 0)
            return source.AsSpan(end, word - end) is "inf" || source.AsSpan(position, word - position) is "nan" ? (word, true) : (-1, false);
        var digits = end;
        if (digits + 1 < source.Length && source[digits] == '0' && source[digits + 1] == 'x')
            end += 2;
        while (end < source.Length && IsWord(source[end]))
            end++;
        if (end == digits)
            return (-1, false);
        if (source.AsSpan(digits, end - digits).StartsWith("0x", StringComparison.Ordinal))
            return (end, false);
        var isFloat = source.AsSpan(digits, end - digits).IndexOf('e') >= 0;
        if (!isFloat && end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1]))
        {
            isFloat = true;
            for (end++; end < source.Length && IsWord(source[end]); end++)
            {
            }
        }

        // An exponent's sign ends the run of letters and digits, so its digits are taken here.
        if (isFloat && source[end - 1] == 'e' && end < source.Length && source[end] is '-' or '+')
        {
            for (end++; end < source.Length && IsWord(source[end]); end++)
            {
            }
        }

        return (end, isFloat);
    }

    private static Scan ScanInteger(TextInput input, out long value)
    {
        value = 0;
        var source = input.Source;
        var start = input.Position;
        var (end, isFloat) = ScanNumber(source, start);
        if (end < 0 || isFloat)
            return new Scan(-1, start, "an integer");
        var negative = source[start] == '-';
        var digits = source.AsSpan(start + (negative ? 1 : 0), end - start - (negative ? 1 : 0));
        var parsed = digits.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var magnitude)
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out magnitude);
        if (!parsed || magnitude > (negative ? 1UL << 63 : long.MaxValue))
            return new Scan(-1, start, "an integer of 64 bits");
        value = negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return new Scan(end);
    }

    private static Scan ScanFloat(TextInput input, out double value)
    {
        value = 0;
        var source = input.Source;
        var (end, isFloat) = ScanNumber(source, input.Position);
        if (end < 0 || !isFloat)
            return new Scan(-1, input.Position, "a number with a point or an exponent");
        var text = source.AsSpan(input.Position, end - input.Position);
        value = text switch
        {
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            "nan" => double.NaN,
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.MaxValue * 2,
        };
        // Digits that overflow are a mistake: infinity has its own spelling.
        if (double.IsInfinity(value) && !text.EndsWith("inf", StringComparison.Ordinal))
            return new Scan(-1, input.Position, "a number of 64 bits");
        return new Scan(end);
    }

    private static Scan ScanQuoted(TextInput input, out string value)
    {
        value = "";
        var source = input.Source;
        var position = input.Position;
        if (input.AtEnd || source[position] != '"')
            return new Scan(-1, position, "text in double quotes");
        var text = new StringBuilder();
        for (position++; position < source.Length && source[position] is not ('\n' or '\r'); position++)
        {
            var c = source[position];
            if (c == '"')
            {
                value = text.ToString();
                return new Scan(position + 1);
            }

            if (c == '\\')
            {
                var length = ScanEscape(source, position + 1, out c);
                if (length < 0)
                    return new Scan(-1, position, "an escape \\\" \\\\ \\n \\r \\t or \\uXXXX");
                position += length;
            }

            text.Append(c);
        }

        return new Scan(-1, position, "a closing double quote");
    }

    private static int ScanEscape(string source, int position, out char value)
    {
        value = position < source.Length ? source[position] : '\0';
        switch (value)
        {
            case '"' or '\\':
                return 1;
            case 'n':
                value = '\n';
                return 1;
            case 'r':
                value = '\r';
                return 1;
            case 't':
                value = '\t';
                return 1;
            case 'u' when position + 5 <= source.Length
                && ushort.TryParse(source.AsSpan(position + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                value = (char)code;
                return 5;
            default:
                return -1;
        }
    }
}
