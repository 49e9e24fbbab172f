using BiMamba.Diagnostics;
using Sprache;

namespace BiMamba.Text;

/// <summary>
/// The tokens that all text forms share, as Sprache parsers. Every token skips the blanks and comments behind it; a
/// comment runs from <c>;</c> to the end of the line. Run grammars with <see cref="SyntaxParser"/>: it tracks the
/// furthest failure of these tokens across backtracking, so <c>Or</c> and <c>Many</c> lose no error.
/// </summary>
/// <remarks>
/// Tokens scan the source directly and advance once a token, so the cost of a text is per token, not per character.
/// </remarks>
public static partial class Lexer
{
    /// <summary>The deepest nesting that <see cref="Nested"/> allows.</summary>
    public const int MaxDepth = 64;

    /// <summary>How diagnostics call the end of the text.</summary>
    internal const string EndOfText = "the end of the text";

    /// <summary>A letter or underscore, then letters, digits and underscores: <c>d_model</c>.</summary>
    public static readonly Parser<string> Identifier = Word("a name", static (s, p) => ScanIdentifier(s, p));

    /// <summary>Identifier parts joined by hyphens: <c>fold-fbi</c>.</summary>
    public static readonly Parser<string> KebabName = Word("a name", static (s, p) => ScanKebab(s, p));

    /// <summary>Letters, digits, underscores and hyphens in parts joined by dots: <c>layers.0.in_proj.weight</c>.</summary>
    public static readonly Parser<string> DottedName = Word("a name", static (s, p) => ScanDotted(s, p));

    /// <summary>A decimal or <c>0x</c> integer of 64 bits with an optional minus; no part of a <see cref="Float"/>.</summary>
    public static readonly Parser<long> Integer = Token<long>(ScanInteger);

    /// <summary>A decimal number with a point or an exponent, or <c>inf</c>, <c>-inf</c>, <c>nan</c>; disjoint from <see cref="Integer"/>.</summary>
    public static readonly Parser<double> Float = Token<double>(ScanFloat);

    /// <summary>Text in double quotes on one line; escapes <c>\" \\ \n \r \t \uXXXX</c>.</summary>
    public static readonly Parser<string> QuotedString = Token<string>(ScanQuoted);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static readonly Parser<bool> Boolean = Keyword("true").Select(_ => true).Or(Keyword("false").Select(_ => false));

    /// <summary>One or more line ends, with blank and comment lines between; only where they are <see cref="NewLines.Significant"/>.</summary>
    public static readonly Parser<string> LineBreak = input => ScanLineBreak((TextInput)input);

    /// <summary>The end of the text.</summary>
    public static readonly Parser<string> End = input => input.AtEnd ? Result.Success("", input) : Fail<string>(input, input.Position, EndOfText);

    /// <summary>
    /// Punctuation: the exact characters, and not the start of a longer operator: <c>=</c> does not match <c>==</c>.
    /// </summary>
    public static Parser<string> Symbol(string symbol) => Token((TextInput input, out string value) =>
    {
        value = symbol;
        var source = input.Source;
        var end = input.Position + symbol.Length;
        if (string.CompareOrdinal(source, input.Position, symbol, 0, symbol.Length) != 0 || IsLongerOperator(symbol, source, end))
            return new Scan(-1, input.Position, $"'{symbol}'");
        return new Scan(end);
    });

    /// <summary>A whole word, hyphens included.</summary>
    public static Parser<string> Keyword(string keyword) => Word($"'{keyword}'", (s, p) =>
        ScanKebab(s, p) is var end && end - p == keyword.Length && string.CompareOrdinal(s, p, keyword, 0, keyword.Length) == 0 ? end : -1);

    /// <summary>A sigil directly followed by a <see cref="DottedName"/> or a <see cref="QuotedString"/>: <c>@embed</c>, <c>%x</c>, <c>@"odd name"</c>. Gives the name.</summary>
    public static Parser<string> SigilName(char sigil) => Token((TextInput input, out string value) =>
    {
        value = "";
        var source = input.Source;
        var start = input.Position + 1;
        if (input.AtEnd || source[input.Position] != sigil)
            return new Scan(-1, input.Position, $"a name with '{sigil}'");
        if (start < source.Length && source[start] == '"')
            return ScanQuoted(new TextInput(input.State, start), out value);
        var end = ScanDotted(source, start);
        if (end < 0)
            return new Scan(-1, start, $"a name after '{sigil}'");
        value = source[start..end];
        return new Scan(end);
    });

    /// <summary>A token of one of some words; the failure lists them all.</summary>
    public static Parser<string> OneOf(params ReadOnlySpan<string> words)
    {
        var known = words.ToArray();
        return Word("one of " + string.Join(", ", known), (s, p) =>
            ScanKebab(s, p) is var end && end >= 0 && known.Contains(s[p..end], StringComparer.Ordinal) ? end : -1);
    }

    /// <summary>Items with a separator between them. An item that fails behind a separator fails the list.</summary>
    /// <param name="item">One item.</param>
    /// <param name="separator">What stands between two items.</param>
    /// <param name="allowsNone">False where at least one item is needed.</param>
    public static Parser<IReadOnlyList<T>> Separated<T>(Parser<T> item, string separator = ",", bool allowsNone = true)
    {
        var comma = Symbol(separator);
        return input =>
        {
            var items = new List<T>();
            var result = item(input);
            if (!result.WasSuccessful)
            {
                return allowsNone && result.Remainder.Position == input.Position
                    ? Result.Success<IReadOnlyList<T>>(items, input)
                    : Result.Failure<IReadOnlyList<T>>(result.Remainder, result.Message, result.Expectations);
            }

            while (true)
            {
                items.Add(result.Value);
                var next = comma(result.Remainder);
                if (!next.WasSuccessful)
                    return Result.Success<IReadOnlyList<T>>(items, result.Remainder);
                result = item(next.Remainder);
                if (!result.WasSuccessful)
                    return Result.Failure<IReadOnlyList<T>>(result.Remainder, result.Message, result.Expectations);
            }
        };
    }

    /// <summary>What stands between two brackets. An error in another line than the open bracket names its line.</summary>
    public static Parser<T> Enclosed<T>(string open, Parser<T> content, string close)
    {
        var (begin, end) = (Symbol(open), Symbol(close));
        return input =>
        {
            var opened = begin(input);
            if (!opened.WasSuccessful)
                return Result.Failure<T>(opened.Remainder, opened.Message, opened.Expectations);
            var state = ((TextInput)input).State;
            state.Open(input.Position);
            var result = content(opened.Remainder);
            if (result.WasSuccessful && end(result.Remainder) is var closed)
                result = closed.WasSuccessful ? Result.Success(result.Value, closed.Remainder) : Result.Failure<T>(closed.Remainder, closed.Message, closed.Expectations);
            state.Close();
            return result;
        };
    }

    /// <summary>Gives the position of the first token with the value.</summary>
    public static Parser<Located<T>> Locate<T>(this Parser<T> parser) => input =>
    {
        var result = parser(input);
        return result.WasSuccessful
            ? Result.Success(new Located<T>(result.Value, input.Position), result.Remainder)
            : Result.Failure<Located<T>>(result.Remainder, result.Message, result.Expectations);
    };

    /// <summary>A reference to a grammar that contains itself, nested at most <see cref="MaxDepth"/> deep: hostile text cannot exhaust the stack.</summary>
    public static Parser<T> Nested<T>(Func<Parser<T>> reference) => input =>
    {
        var state = ((TextInput)input).State;
        if (state.Depth >= MaxDepth)
            return Fail<T>(input, input.Position, $"at most {MaxDepth} levels of nesting");
        state.Depth++;
        var result = reference()(input);
        state.Depth--;
        return result;
    };

    /// <summary>Fails at a position of the text with what was expected there; for checks of values inside a grammar.</summary>
    public static IResult<T> Fail<T>(IInput input, int position, string expectation)
    {
        if (input is TextInput text)
            text.State.Fail(position, expectation);
        return Result.Failure<T>(input, $"unexpected input at {position}", [expectation]);
    }
}
