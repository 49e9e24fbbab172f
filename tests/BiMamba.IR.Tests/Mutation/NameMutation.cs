using BiMamba.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.IR.Tests;

/// <summary>
/// A text with one name, word or number replaced by another of its kind, or misspelt: the grammar is kept, the meaning
/// is not.
/// </summary>
/// <param name="Text">The mutated text.</param>
/// <param name="Line">The line of the mutated token, from 1.</param>
/// <param name="Old">The token that stood there.</param>
/// <param name="New">The token that stands there.</param>
internal sealed record NameMutation(string Text, int Line, string Old, string New)
{
    /// <summary>Mutations of a text, the same ones for the same arguments on every machine.</summary>
    public static IReadOnlyList<NameMutation> All(string text, int seed, int count)
    {
        var tokens = TextToken.Split(text).Where(token => token.Kind is TextTokenKind.Word or TextTokenKind.Number).ToArray();
        var words = tokens.Select(token => text.Substring(token.Start, token.Length)).Distinct(StringComparer.Ordinal).ToLookup(Kind);
        var draws =
            from token in Gen.Elements(tokens)
            let old = text.Substring(token.Start, token.Length)
            from replacement in Gen.OneOf(Gen.Elements(words[Kind(old)].ToArray()), Misspelt(old))
            where replacement != old
            select new NameMutation(
                string.Concat(text.AsSpan(0, token.Start), replacement, text.AsSpan(token.End)), text.AsSpan(0, token.Start).Count('\n') + 1, old, replacement);
        return [.. Gen.Sample(draws, count, new Rnd((ulong)seed), 50)];
    }

    /// <summary>The line that was mutated.</summary>
    public string MutatedLine => Text.Split('\n')[Line - 1];

    /// <summary>One line for the message of a failed test.</summary>
    public override string ToString() => $"'{Old}' became '{New}' in line {Line}: {MutatedLine}";

    /// <summary>The sigil, or what the first character is.</summary>
    private static char Kind(string token) => char.IsAsciiDigit(token[0]) ? '0' : char.IsAsciiLetter(token[0]) ? 'a' : token[0];

    /// <summary>One character less, or one more, or another one, behind the first.</summary>
    private static Gen<string> Misspelt(string token) =>
        from at in Gen.Choose(1, token.Length)
        from added in Gen.Elements("", "x", "1")
        from removed in Gen.Choose(0, Math.Min(1, token.Length - at))
        select token.Remove(at, removed).Insert(at, added);
}
