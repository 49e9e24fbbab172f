namespace BiMamba.Tokenizers.PreTokenizers;

/// <summary>
/// No splitting that could change ids. Where <paramref name="cutBeforeMarks"/> allows it, a piece is still cut before
/// each U+2581 after another character, for speed alone.
/// </summary>
/// <param name="cutBeforeMarks">No merge makes a token that has U+2581 after another character, so none crosses such a border.</param>
internal sealed class WholePiece(bool cutBeforeMarks) : PreTokenizer
{
    /// <summary>The sign that stands for a space.</summary>
    public const char Mark = '\u2581';

    private static ReadOnlySpan<byte> MarkBytes => "\u2581"u8;

    /// <inheritdoc/>
    public override int NextWord(ReadOnlySpan<byte> rest)
    {
        if (!cutBeforeMarks)
            return rest.Length;
        var start = 0;
        while (rest[start..].StartsWith(MarkBytes))
            start += MarkBytes.Length;
        var next = rest[start..].IndexOf(MarkBytes);
        return next < 0 ? rest.Length : start + next;
    }

    /// <summary>True where a token has the mark after another character.</summary>
    public static bool Joins(string token) => token.AsSpan().TrimStart(Mark).Contains(Mark);
}
