using System.Globalization;
using System.Text;

namespace BiMamba.Tokenizers.Decoders;

/// <summary>Tokens are text, with a sign for the space and tokens for single bytes, as SentencePiece writes them.</summary>
/// <param name="replacements">Texts to replace in each token, in order.</param>
/// <param name="byteFallback">Tokens of the form <c>&lt;0x41&gt;</c> are bytes.</param>
/// <param name="leadingSpaces">How many spaces a decode takes away at the start of the text.</param>
internal sealed class CharacterDecoder(
    IReadOnlyList<(string Pattern, string Content)> replacements,
    bool byteFallback,
    int leadingSpaces) : TokenDecoder
{
    /// <inheritdoc/>
    public override int LeadingSpaces => leadingSpaces;

    /// <summary>The byte of a token of the form <c>&lt;0x41&gt;</c>, or -1.</summary>
    public static int ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : -1;

    /// <inheritdoc/>
    public override byte[] Decode(string token)
    {
        foreach (var (pattern, content) in replacements)
            token = token.Replace(pattern, content, StringComparison.Ordinal);
        return byteFallback && ByteOf(token) is var b and >= 0 ? [(byte)b] : Encoding.UTF8.GetBytes(token);
    }
}
