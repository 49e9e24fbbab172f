using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.Testing;

/// <summary>How a text was broken.</summary>
public enum TokenMutationKind
{
    /// <summary>A token is gone.</summary>
    Delete,

    /// <summary>A token stands there twice; the second is the mutated one.</summary>
    Duplicate,

    /// <summary>Another token stands in its place: one of the text, or one that fits nowhere.</summary>
    Replace,

    /// <summary>A token and the one behind it have changed places.</summary>
    Swap,
}

/// <summary>
/// A text form with one token changed. Positions are those of the mutated text, from 1, as diagnostics count them.
/// </summary>
/// <param name="Text">The mutated text.</param>
/// <param name="Kind">What was done.</param>
/// <param name="Token">The token that was changed.</param>
/// <param name="Line">Line of the mutated token; of a deleted one, the line where it stood.</param>
/// <param name="Column">Column where the mutated token, or what is left behind a deleted one, begins.</param>
/// <param name="NextLine">
/// Line of the next token that is no line end, or of the end of the text, behind all that changed: another than
/// <paramref name="Line"/> only where nothing is left in the line, so that a parser which needs more can only point there.
/// </param>
/// <param name="NextColumn">Column of that token.</param>
public sealed record TokenMutation(string Text, TokenMutationKind Kind, string Token, int Line, int Column, int NextLine, int NextColumn)
{
    /// <summary>Tokens that fit nowhere, or not everywhere.</summary>
    private static readonly string[] Strangers = ["$", "?", "\"", "\"\\q\"", "}", "-", "99999999999999999999", "1e999", "nobody", "é", "\0"];

    /// <summary>
    /// Mutations of a text, the same ones for the same arguments on every machine. Kinds and tokens are drawn by
    /// FsCheck; a draw that leaves the text as it is is drawn again.
    /// </summary>
    /// <param name="text">A good text.</param>
    /// <param name="seed">The replay seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="lineEnds">True where line ends are tokens of the form, to be deleted and swapped too.</param>
    public static IReadOnlyList<TokenMutation> All(string text, int seed, int count, bool lineEnds = false) =>
        [.. Gen.Sample(Of(text, lineEnds), count, new Rnd((ulong)seed), 50)];

    /// <summary>The generator of the mutations of a text.</summary>
    public static Gen<TokenMutation> Of(string text, bool lineEnds = false)
    {
        var tokens = TextToken.Split(text);
        var targets = Enumerable.Range(0, tokens.Count).Where(i => lineEnds || tokens[i].Kind != TextTokenKind.LineEnd).ToArray();
        var pool = targets.Select(i => text.Substring(tokens[i].Start, tokens[i].Length)).Concat(Strangers).Distinct(StringComparer.Ordinal).ToArray();
        var draws =
            from kind in Gen.Elements(Enum.GetValues<TokenMutationKind>())
            from target in Gen.Choose(0, targets.Length - 1)
            from other in Gen.Elements(pool)
            let next = target + 1 < targets.Length ? targets[target + 1] : -1
            select Mutate(text, tokens, kind, targets[target], next, other);
        return from mutation in draws.Where(mutation => mutation is not null && mutation.Text != text) select mutation!;
    }

    /// <summary>One line for the message of a failed test.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} '{Token}' at {Line}:{Column}");

    private static TokenMutation? Mutate(string text, IReadOnlyList<TextToken> tokens, TokenMutationKind kind, int index, int next, string other)
    {
        var token = tokens[index];
        var (start, end) = (token.Start, token.End);
        var old = text[start..end];
        switch (kind)
        {
            case TokenMutationKind.Delete:
                // A blank keeps the neighbours from growing together.
                return Change(text, kind, old, start, end, " ", start);
            case TokenMutationKind.Duplicate:
                return token.Kind == TextTokenKind.LineEnd ? null : Change(text, kind, old, end, end, $" {old} ", end);
            case TokenMutationKind.Replace:
                return other == old ? null : Change(text, kind, old, start, end, $" {other} ", start);
            case TokenMutationKind.Swap when next >= 0:
                var behind = tokens[next];
                var second = text[behind.Start..behind.End];
                // What stands between stays between.
                return Change(text, kind, old, start, behind.End, $" {second} {text[end..behind.Start]} {old} ", start);
            default:
                return null;
        }
    }

    private static TokenMutation Change(string text, TokenMutationKind kind, string token, int start, int end, string inserted, int from)
    {
        var mutated = string.Concat(text.AsSpan(0, start), inserted, text.AsSpan(end));
        while (from < mutated.Length && mutated[from] == ' ')
            from++;
        var changed = start + inserted.Length;
        var next = TextToken.Split(mutated).Where(next => next.Start >= changed && next.Kind != TextTokenKind.LineEnd).Select(next => next.Start);
        var (nextLine, nextColumn) = LineColumn(mutated, next.FirstOrDefault(mutated.Length));
        var (line, column) = LineColumn(mutated, from);
        return new TokenMutation(mutated, kind, token, line, column, nextLine, nextColumn);
    }

    private static (int Line, int Column) LineColumn(string text, int position)
    {
        var before = text.AsSpan(0, position);
        return (before.Count('\n') + 1, position - before.LastIndexOf('\n'));
    }
}
