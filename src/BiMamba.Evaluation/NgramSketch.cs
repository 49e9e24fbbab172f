using System.Diagnostics.CodeAnalysis;
using BiMamba.Tokenizers;

namespace BiMamba.Evaluation;

/// <summary>
/// A record of the n-grams of token ids in the windows of a calibration, small enough for a recipe: the
/// <see cref="Capacity"/> smallest of their distinct hashes (<see cref="NgramHash"/>), which are a random sample of them. The
/// n-grams of another text whose hashes are not above <see cref="Limit"/> are as random a sample of that text, and for each of
/// these the sketch says whether the windows have it. It is a function of the ids alone.
/// </summary>
public sealed class NgramSketch
{
    /// <summary>
    /// Tokens of an n-gram: 13, as in the analysis of contamination of GPT-3 (arXiv 2005.14165, appendix C). Texts that have
    /// nothing to do with each other hardly share so long a one.
    /// </summary>
    public const int TokenLength = 13;

    /// <summary>Tokens of an n-gram where tokens are bytes: a token of other tokenizers stands for about four.</summary>
    public const int ByteLength = 4 * TokenLength;

    /// <summary>Most hashes of a sketch that is made here.</summary>
    public const int Capacity = 512;

    /// <summary>Most hashes of a sketch that is read.</summary>
    public const int MaxCapacity = 1 << 16;

    /// <summary>Most tokens of an n-gram of a sketch that is read.</summary>
    public const int MaxLength = 1 << 12;

    // The sample of a text that is compared: its share is known to 0.2 %, and it takes a few MiB however long the text is.
    private const int MaxSample = 1 << 16;

    private const int HashBytes = NgramHash.Bits / 8;

    private readonly ulong[] hashes;

    private NgramSketch(int length, ulong limit, ulong[] hashes)
    {
        Length = length;
        Limit = (long)limit;
        this.hashes = hashes;
    }

    /// <summary>Tokens of an n-gram.</summary>
    public int Length { get; }

    /// <summary>The hash, of 40 bits, up to which the sketch has every n-gram of the windows.</summary>
    public long Limit { get; }

    /// <summary>Hashes in the sketch, at least 1.</summary>
    public int Count => hashes.Length;

    /// <summary>Tokens of an n-gram for a tokenizer, or for ids without one.</summary>
    public static int LengthFor(Tokenizer? tokenizer) => tokenizer is BytesTokenizer ? ByteLength : TokenLength;

    /// <summary>The sketch of windows; null where all are shorter than an n-gram.</summary>
    /// <param name="windows">Token ids; no n-gram reaches from one window into another.</param>
    /// <param name="length">Tokens of an n-gram.</param>
    public static NgramSketch? Of(IEnumerable<int[]> windows, int length)
    {
        var smallest = new SmallestHashes(Capacity, NgramHash.Max);
        foreach (var window in windows)
            smallest.AddAll(window, length);
        return smallest.Count == 0 ? null : new NgramSketch(length, smallest.Limit, smallest.ToArray());
    }

    /// <summary>A sketch from its parts; false for what <see cref="Of"/> could not have made, but for its capacity.</summary>
    /// <param name="length">Tokens of an n-gram.</param>
    /// <param name="limit">The value of <see cref="Limit"/>.</param>
    /// <param name="base64">The text of <see cref="ToBase64"/>.</param>
    /// <param name="sketch">The sketch.</param>
    public static bool TryParse(int length, long limit, string base64, [NotNullWhen(true)] out NgramSketch? sketch)
    {
        sketch = null;
        var bytes = new byte[Math.Min(base64.Length, MaxCapacity * HashBytes)];
        if (length is < 1 or > MaxLength || limit is < 0 or > (long)NgramHash.Max || !Convert.TryFromBase64String(base64, bytes, out var written) || written == 0 || written % HashBytes != 0)
            return false;
        var hashes = new ulong[written / HashBytes];
        for (var i = 0; i < hashes.Length; i++)
        {
            foreach (var value in bytes.AsSpan(i * HashBytes, HashBytes))
                hashes[i] = (hashes[i] << 8) | value;
            if (hashes[i] > (ulong)limit || (i > 0 && hashes[i] <= hashes[i - 1]))
                return false;
        }

        sketch = new NgramSketch(length, (ulong)limit, hashes);
        return true;
    }

    /// <summary>The hashes, ascending, each in five bytes with the highest first, as base64.</summary>
    public string ToBase64()
    {
        var bytes = new byte[hashes.Length * HashBytes];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(hashes[i / HashBytes] >> (8 * (HashBytes - 1 - (i % HashBytes))));
        return Convert.ToBase64String(bytes);
    }

    /// <summary>
    /// Which share of a text's distinct n-grams the windows have; null where the sample has none of the text's, as with a text
    /// that is shorter than an n-gram or much shorter than the windows.
    /// </summary>
    public NgramOverlap? Overlap(ReadOnlySpan<int> ids)
    {
        var sample = new SmallestHashes(MaxSample, (ulong)Limit);
        sample.AddAll(ids, Length);
        return sample.Count == 0 ? null : new NgramOverlap(Length, sample.CountOf(hashes), sample.Count);
    }
}
