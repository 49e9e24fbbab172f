using System.Text;

namespace BiMamba.Tokenizers;

/// <summary>
/// Decodes one id at a time. What it gives, joined, is what <see cref="Tokenizer.Decode"/> gives for all ids at once:
/// bytes of a character that is still incomplete are held back. Not safe for concurrent use.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly Tokenizer tokenizer;
    private readonly bool skipSpecialTokens;
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private int leadingSpaces;

    internal StreamingDecoder(Tokenizer tokenizer, bool skipSpecialTokens)
    {
        this.tokenizer = tokenizer;
        this.skipSpecialTokens = skipSpecialTokens;
        leadingSpaces = tokenizer.LeadingSpaces;
    }

    /// <summary>Adds one id.</summary>
    /// <returns>The text that this id completes; often one token's text, empty while a character is incomplete.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative or not below the vocabulary size.</exception>
    public string Append(int id) => Take(tokenizer.Decodable(id, skipSpecialTokens, ref leadingSpaces), flush: false);

    /// <summary>Ends the text and makes the decoder ready for another one.</summary>
    /// <returns>U+FFFD for an incomplete character at the end, or nothing.</returns>
    public string Flush()
    {
        leadingSpaces = tokenizer.LeadingSpaces;
        return Take(default, flush: true);
    }

    private string Take(ReadOnlySpan<byte> bytes, bool flush)
    {
        var count = decoder.GetCharCount(bytes, flush);
        if (count == 0 && bytes.IsEmpty)
            return "";
        var chars = new char[count];
        var written = decoder.GetChars(bytes, chars, flush);
        return new string(chars, 0, written);
    }
}
