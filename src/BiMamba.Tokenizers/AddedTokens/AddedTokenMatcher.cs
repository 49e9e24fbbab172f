using System.Buffers;
using System.Text;
using BiMamba.Tokenizers.Unicode;

namespace BiMamba.Tokenizers.AddedTokens;

/// <summary>One found added token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Start">Where it starts, white space that it strips included.</param>
/// <param name="Stop">Where it stops, white space that it strips included.</param>
/// <param name="Resume">Where to look for the next one.</param>
internal readonly record struct AddedMatch(int Id, int Start, int Stop, int Resume);

/// <summary>Finds added tokens in a text.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly AddedToken[] tokens;
    private readonly ByteTrie trie;

    /// <summary>Prepares the search.</summary>
    /// <param name="tokens">The tokens; of two with one content the first counts.</param>
    /// <param name="contents">What to look for, one for each token, none empty.</param>
    public AddedTokenMatcher(IReadOnlyList<AddedToken> tokens, IReadOnlyList<byte[]> contents)
    {
        this.tokens = [.. tokens];
        trie = new ByteTrie(contents);
    }

    /// <summary>Finds the next token.</summary>
    /// <param name="text">The whole text: the characters around a match count.</param>
    /// <param name="from">Where to start looking.</param>
    /// <param name="floor">The end of the last match, which no match crosses to the left.</param>
    /// <param name="match">The match.</param>
    public bool TryFind(ReadOnlySpan<byte> text, int from, int floor, out AddedMatch match)
    {
        while (trie.TryFind(text, from, out var start, out var length, out var index))
        {
            var token = tokens[index];
            var stop = start + length;
            from = stop;
            if (token.SingleWord && (EndsWithWord(text[..start]) || StartsWithWord(text[stop..])))
                continue;
            if (token.LeftStrip)
                start = Math.Max(TrimEnd(text[..start]), floor);
            if (token.RightStrip)
                stop += SpaceAtStart(text[stop..]);
            match = new AddedMatch(token.Id, start, stop, from);
            return true;
        }

        match = default;
        return false;
    }

    private static bool EndsWithWord(ReadOnlySpan<byte> text) =>
        Rune.DecodeLastFromUtf8(text, out var rune, out _) == OperationStatus.Done && CharacterClasses.IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<byte> text) =>
        Rune.DecodeFromUtf8(text, out var rune, out _) == OperationStatus.Done && CharacterClasses.IsWord(rune);

    private static int TrimEnd(ReadOnlySpan<byte> text)
    {
        while (Rune.DecodeLastFromUtf8(text, out var rune, out var length) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
            text = text[..^length];
        return text.Length;
    }

    private static int SpaceAtStart(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (Rune.DecodeFromUtf8(text[count..], out var rune, out var length) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
            count += length;
        return count;
    }
}
