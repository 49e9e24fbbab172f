using System.Buffers.Binary;
using System.Security.Cryptography;

namespace BiMamba.Tokenizers.Models;

/// <summary>
/// The ids of words seen lately. Of fixed size: two places for each hash, the older word is dropped. Not safe for
/// concurrent use.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words are not kept.</summary>
    public const int MaxBytes = 32;

    private const int MaxIds = 16;
    private const int Places = 1 << 15;

    // Words come from outside: a fixed multiplier would let a text make every word collide.
    private readonly ulong multiplier = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) | 1;
    private readonly byte[] words = new byte[Places * MaxBytes];
    private readonly byte[] lengths = new byte[Places];
    private readonly int[] ids = new int[Places * MaxIds];
    private readonly byte[] counts = new byte[Places];

    /// <summary>Appends the ids of a word if it is known.</summary>
    /// <param name="word">1 to <see cref="MaxBytes"/> bytes.</param>
    /// <param name="output">Receives the ids.</param>
    /// <param name="place">Where <see cref="Add"/> puts the word.</param>
    public bool TryAppend(ReadOnlySpan<byte> word, IdBuffer output, out int place)
    {
        place = PlaceOf(word);
        foreach (var candidate in (ReadOnlySpan<int>)[place, place ^ 1])
        {
            if (lengths[candidate] == word.Length && word.SequenceEqual(words.AsSpan(candidate * MaxBytes, word.Length)))
            {
                output.AddRange(ids.AsSpan(candidate * MaxIds, counts[candidate]));
                return true;
            }
        }

        return false;
    }

    /// <summary>Keeps a word, unless it has too many ids.</summary>
    public void Add(ReadOnlySpan<byte> word, ReadOnlySpan<int> wordIds, int place)
    {
        if (wordIds.Length > MaxIds)
            return;
        Move(place, place ^ 1);
        word.CopyTo(words.AsSpan(place * MaxBytes));
        lengths[place] = (byte)word.Length;
        wordIds.CopyTo(ids.AsSpan(place * MaxIds));
        counts[place] = (byte)wordIds.Length;
    }

    private void Move(int from, int to)
    {
        words.AsSpan(from * MaxBytes, MaxBytes).CopyTo(words.AsSpan(to * MaxBytes));
        lengths[to] = lengths[from];
        ids.AsSpan(from * MaxIds, MaxIds).CopyTo(ids.AsSpan(to * MaxIds));
        counts[to] = counts[from];
    }

    private int PlaceOf(ReadOnlySpan<byte> word)
    {
        var hash = (ulong)word.Length;
        while (word.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(word));
            word = word[8..];
        }

        var tail = 0UL;
        foreach (var b in word)
            tail = tail << 8 | b;
        return (int)(Mix(hash ^ tail) & (Places - 1));
    }

    private ulong Mix(ulong value)
    {
        var high = Math.BigMul(value, multiplier, out var low);
        return high ^ low;
    }
}
