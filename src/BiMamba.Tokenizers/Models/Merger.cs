namespace BiMamba.Tokenizers.Models;

/// <summary>
/// Merges the symbols of one word: always the pair of the lowest rank, the leftmost of these. Short words by scanning,
/// long ones by a heap in O(n log n). Not safe for concurrent use.
/// </summary>
internal sealed class Merger(MergeTable merges)
{
    /// <summary>Words of more symbols go through the heap.</summary>
    private const int ShortWord = 64;

    private readonly int[] ranks = new int[ShortWord];

    /// <summary>Merges in place.</summary>
    /// <returns>How many symbols are left at the start of <paramref name="symbols"/>.</returns>
    public int Merge(Span<int> symbols) => symbols.Length switch
    {
        < 2 => symbols.Length,
        <= ShortWord => MergeShort(symbols),
        _ => MergeLong(symbols),
    };

    private int MergeShort(Span<int> symbols)
    {
        var pairs = ranks.AsSpan(0, symbols.Length - 1);
        for (var i = 0; i < pairs.Length; i++)
            pairs[i] = merges.Rank(symbols[i], symbols[i + 1]);
        while (pairs.Length > 0)
        {
            var best = 0;
            for (var i = 1; i < pairs.Length; i++)
            {
                if (pairs[i] < pairs[best])
                    best = i;
            }

            if (pairs[best] == MergeTable.None)
                break;
            symbols[best] = merges.Made(pairs[best]);
            symbols[(best + 2)..].CopyTo(symbols[(best + 1)..]);
            symbols = symbols[..^1];
            pairs[(best + 1)..].CopyTo(pairs[best..]);
            pairs = pairs[..^1];
            if (best > 0)
                pairs[best - 1] = merges.Rank(symbols[best - 1], symbols[best]);
            if (best < pairs.Length)
                pairs[best] = merges.Rank(symbols[best], symbols[best + 1]);
        }

        return symbols.Length;
    }

    private int MergeLong(Span<int> symbols)
    {
        var list = new LinkedSymbols(symbols.Length);
        var queue = new PriorityQueue<(int Left, int Right), ulong>(symbols.Length);
        for (var i = 0; i + 1 < symbols.Length; i++)
            Offer(queue, symbols, i, i + 1);
        while (queue.TryDequeue(out var pair, out var priority))
        {
            var at = (int)(uint)priority;
            var next = list.Next(at);

            // An entry whose pair was merged away meanwhile is stale: a newer one stands for what is there.
            if (next == symbols.Length || symbols[at] != pair.Left || symbols[next] != pair.Right)
                continue;
            symbols[at] = merges.Made((int)(priority >> 32));
            symbols[next] = LinkedSymbols.Gone;
            list.Remove(next);
            if (list.Previous(at) is var previous and >= 0)
                Offer(queue, symbols, previous, at);
            if (list.Next(at) is var following && following < symbols.Length)
                Offer(queue, symbols, at, following);
        }

        return list.Compact(symbols);
    }

    private void Offer(PriorityQueue<(int Left, int Right), ulong> queue, ReadOnlySpan<int> symbols, int left, int right)
    {
        var rank = merges.Rank(symbols[left], symbols[right]);
        if (rank != MergeTable.None)
            queue.Enqueue((symbols[left], symbols[right]), (ulong)(uint)rank << 32 | (uint)left);
    }
}
