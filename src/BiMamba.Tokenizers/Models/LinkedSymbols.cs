namespace BiMamba.Tokenizers.Models;

/// <summary>The neighbours of the symbols of a long word, while merges take symbols out.</summary>
internal sealed class LinkedSymbols
{
    /// <summary>The value of a symbol that was taken out; no id.</summary>
    public const int Gone = -1;

    private readonly int[] next;
    private readonly int[] previous;

    /// <summary>All symbols present.</summary>
    public LinkedSymbols(int count)
    {
        next = new int[count];
        previous = new int[count];
        for (var i = 0; i < count; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
    }

    /// <summary>The position after, or the count.</summary>
    public int Next(int position) => next[position];

    /// <summary>The position before, or -1.</summary>
    public int Previous(int position) => previous[position];

    /// <summary>Takes a position other than the first out.</summary>
    public void Remove(int position)
    {
        next[previous[position]] = next[position];
        if (next[position] < next.Length)
            previous[next[position]] = previous[position];
    }

    /// <summary>Moves what is left to the start.</summary>
    /// <returns>How many symbols are left.</returns>
    public int Compact(Span<int> symbols)
    {
        var count = 0;
        for (var i = 0; i < next.Length; i = next[i])
            symbols[count++] = symbols[i];
        return count;
    }
}
