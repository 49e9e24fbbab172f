using System.Text;

namespace BiMamba.Tokenizers.Models;

/// <summary>Whole words and their ids. Immutable after it was filled.</summary>
internal sealed class WordTable
{
    private const int MaxStack = 256;

    // One char a byte, so that the runtime's randomized string hash guards against crafted vocabularies.
    private readonly Dictionary<string, int> words = new(StringComparer.Ordinal);
    private int longest;

    /// <summary>Adds a word; the first id of a word stays.</summary>
    public void Add(ReadOnlySpan<byte> word, int id)
    {
        words.TryAdd(Encoding.Latin1.GetString(word), id);
        longest = Math.Max(longest, word.Length);
    }

    /// <summary>Looks a word up.</summary>
    public bool TryGet(ReadOnlySpan<byte> word, out int id)
    {
        id = -1;
        if (word.Length > longest)
            return false;
        var chars = word.Length <= MaxStack ? stackalloc char[word.Length] : new char[word.Length];
        Encoding.Latin1.GetChars(word, chars);
        return words.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(chars, out id);
    }
}
