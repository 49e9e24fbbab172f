using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Tokenizers;

/// <summary>
/// Text to token ids and back. Every instance is immutable to its callers and safe for concurrent use.
/// </summary>
public abstract class Tokenizer
{
    private protected Tokenizer(string kind, ReadOnlyMemory<byte> source)
    {
        Kind = kind;
        Source = source;
        Hash = Convert.ToHexStringLower(SHA256.HashData(source.Span));
    }

    /// <summary>What kind of tokenizer this is: <c>bytes</c>, <c>byte-level-bpe</c> or <c>sentencepiece-bpe</c>.</summary>
    public string Kind { get; }

    /// <summary>The bytes that define this tokenizer: a whole tokenizer.json, or the text <c>bytes</c>. <see cref="FromSource"/> reads them back.</summary>
    public ReadOnlyMemory<byte> Source { get; }

    /// <summary>SHA-256 of <see cref="Source"/>, 64 lower-case hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>One more than the largest id that <see cref="Encode(string, bool)"/> can give. There may be unused ids below.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The id that ends a text, where the vocabulary has a well-known name for it.</summary>
    public virtual int? EndOfTextId => null;

    /// <summary>The one token that the post-processor adds before a text, where it adds one.</summary>
    public virtual int? BeginOfTextId => null;

    /// <summary>The tokens that are found in the text as they stand, by ascending id.</summary>
    public virtual IReadOnlyList<AddedToken> AddedTokens => [];

    /// <summary>The number of spaces that a decode takes away at the start of the text.</summary>
    internal virtual int LeadingSpaces => 0;

    /// <summary>
    /// Reads a tokenizer back from the bytes of <see cref="Source"/>.
    /// </summary>
    /// <param name="source">The text <c>bytes</c>, or a tokenizer.json.</param>
    /// <param name="fileName">The name that diagnostics give as the file.</param>
    /// <param name="bag">Receives what is wrong.</param>
    /// <returns>The tokenizer, or null when <paramref name="bag"/> received an error.</returns>
    public static Tokenizer? FromSource(ReadOnlyMemory<byte> source, string fileName, DiagnosticBag bag) =>
        source.Span.SequenceEqual(BytesTokenizer.SourceText)
            ? new BytesTokenizer()
            : TokenizerJson.Parse(source, fileName, bag);

    /// <summary>Text to ids. Surrogates without a partner count as U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecialTokens">Adds what the post-processor of the file adds, such as a begin-of-text token.</param>
    public int[] Encode(string text, bool addSpecialTokens = false)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(text));
        try
        {
            var length = Encoding.UTF8.GetBytes(text, buffer);
            return Encode(buffer.AsSpan(0, length), addSpecialTokens);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// UTF-8 text to ids, without a detour over UTF-16. Bytes that are not UTF-8 are kept as they are, as characters
    /// that are neither letter, number nor space; only a byte that occurs in no UTF-8 text and has no token in the
    /// vocabulary counts as U+FFFD.
    /// </summary>
    /// <param name="utf8">The text.</param>
    /// <param name="addSpecialTokens">Adds what the post-processor of the file adds, such as a begin-of-text token.</param>
    public int[] Encode(ReadOnlySpan<byte> utf8, bool addSpecialTokens = false) => EncodeLong(utf8, addSpecialTokens, CancellationToken.None);

    /// <summary>As <see cref="Encode(ReadOnlySpan{byte}, bool)"/>, for a text that can take long.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="addSpecialTokens">Adds what the post-processor of the file adds.</param>
    /// <param name="cancellation">Looked at between words.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public abstract int[] EncodeLong(ReadOnlySpan<byte> utf8, bool addSpecialTokens, CancellationToken cancellation);

    /// <summary>True where <paramref name="id"/> names a token.</summary>
    public abstract bool HasToken(int id);

    /// <summary>True where <paramref name="id"/> names a special added token.</summary>
    public virtual bool IsSpecial(int id) => false;

    /// <summary>The bytes that the token adds to a decoded text; empty for an id in range that names no token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative or not below <see cref="VocabularySize"/>.</exception>
    public abstract ReadOnlySpan<byte> TokenBytes(int id);

    /// <summary>Ids to text. Bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="ids">The ids, each below <see cref="VocabularySize"/>; <see cref="CheckIds"/> tells beforehand.</param>
    /// <param name="skipSpecialTokens">Leaves special tokens out.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative or not below <see cref="VocabularySize"/>.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var output = new ArrayBufferWriter<byte>();
        DecodeTo(ids, skipSpecialTokens, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Ids to the exact bytes, UTF-8 or not.</summary>
    /// <inheritdoc cref="Decode" path="/param"/>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative or not below <see cref="VocabularySize"/>.</exception>
    public byte[] DecodeBytes(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var output = new ArrayBufferWriter<byte>();
        DecodeTo(ids, skipSpecialTokens, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A decoder that takes one id at a time.</summary>
    /// <param name="skipSpecialTokens">Leaves special tokens out.</param>
    public StreamingDecoder CreateStreamingDecoder(bool skipSpecialTokens = false) => new(this, skipSpecialTokens);

    /// <summary>Adds one error for each id that names no token.</summary>
    /// <param name="ids">Ids from outside.</param>
    /// <param name="place">Where they come from; the field becomes <c>ids[i]</c> unless one is given.</param>
    /// <param name="bag">Receives the errors.</param>
    /// <returns>True when every id names a token.</returns>
    public bool CheckIds(ReadOnlySpan<int> ids, Place place, DiagnosticBag bag)
    {
        var good = true;
        for (var i = 0; i < ids.Length; i++)
        {
            if (HasToken(ids[i]))
                continue;
            good = false;
            if (bag.Dropped > 0)
                break;
            bag.Add(
                TokenizerDiagnostics.IdOutsideVocabulary,
                $"expected a token id from 0 to {VocabularySize - 1}, found {ids[i]}, which names no token",
                place with { Field = $"{place.Field ?? "ids"}[{i}]" },
                "encode the text with the tokenizer of this model");
        }

        return good;
    }

    private void DecodeTo(ReadOnlySpan<int> ids, bool skipSpecialTokens, ArrayBufferWriter<byte> output)
    {
        var spaces = LeadingSpaces;
        foreach (var id in ids)
            output.Write(Decodable(id, skipSpecialTokens, ref spaces));
    }

    /// <summary>The bytes of one token in sequence; <paramref name="spaces"/> is the number of leading spaces still to take away.</summary>
    internal ReadOnlySpan<byte> Decodable(int id, bool skipSpecialTokens, ref int spaces)
    {
        var bytes = TokenBytes(id);
        if (skipSpecialTokens && IsSpecial(id))
            return default;
        while (spaces > 0 && bytes.Length > 0)
        {
            spaces = bytes[0] == (byte)' ' ? spaces - 1 : -1;
            if (spaces >= 0)
                bytes = bytes[1..];
        }

        return bytes;
    }
}
