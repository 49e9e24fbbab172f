using System.Buffers;

namespace BiMamba.Tokenizers.AddedTokens;

/// <summary>Finds the longest of a set of byte strings at a position.</summary>
internal sealed class ByteTrie
{
    private readonly Dictionary<(int Node, byte Value), int> children = [];
    private readonly List<int> values = [-1];
    private readonly bool[] starts = new bool[256];
    private readonly SearchValues<byte> startSearch;

    /// <summary>Builds the trie.</summary>
    /// <param name="words">The strings, none empty; the value of each is its index. The first of equal strings counts.</param>
    public ByteTrie(IReadOnlyList<byte[]> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            starts[words[i][0]] = true;
            var node = 0;
            foreach (var b in words[i])
                node = Child(node, b);
            if (values[node] < 0)
                values[node] = i;
        }

        startSearch = SearchValues.Create([.. Enumerable.Range(0, 256).Where(b => starts[b]).Select(b => (byte)b)]);
    }

    /// <summary>Finds the leftmost string in the text, the longest one there.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryFind(ReadOnlySpan<byte> text, int from, out int start, out int length, out int value)
    {
        (length, value) = (0, -1);
        for (start = from; start < text.Length; start++)
        {
            var skip = text[start..].IndexOfAny(startSearch);
            if (skip < 0)
                break;
            start += skip;
            length = Longest(text[start..], out value);
            if (length > 0)
                return true;
        }

        return false;
    }

    private int Longest(ReadOnlySpan<byte> text, out int value)
    {
        var (node, best) = (0, 0);
        value = -1;
        for (var i = 0; i < text.Length && children.TryGetValue((node, text[i]), out node); i++)
        {
            if (values[node] >= 0)
                (best, value) = (i + 1, values[node]);
        }

        return best;
    }

    private int Child(int node, byte b)
    {
        if (!children.TryGetValue((node, b), out var child))
        {
            child = values.Count;
            values.Add(-1);
            children.Add((node, b), child);
        }

        return child;
    }
}
