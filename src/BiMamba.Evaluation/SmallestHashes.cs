namespace BiMamba.Evaluation;

/// <summary>
/// The smallest distinct hashes of n-grams, a random sample of the distinct n-grams, which takes no more room than its
/// capacity. Every hash that was added and is not above <see cref="Limit"/> is in it, whatever the order of additions.
/// </summary>
/// <param name="capacity">Most hashes that are kept.</param>
/// <param name="limit">Larger hashes are left out from the beginning.</param>
internal sealed class SmallestHashes(int capacity, ulong limit)
{
    private readonly SortedSet<ulong> kept = [];

    /// <summary>The hash up to which nothing was dropped.</summary>
    public ulong Limit { get; private set; } = limit;

    /// <summary>Hashes that are kept.</summary>
    public int Count => kept.Count;

    /// <summary>Adds the hashes of all n-grams of a sequence; none where it is shorter than n.</summary>
    public void AddAll(ReadOnlySpan<int> ids, int length)
    {
        var hash = new NgramHash(length);
        for (var i = 0; i < ids.Length; i++)
        {
            hash.Add(ids[i]);
            if (i >= length)
                hash.Remove(ids[i - length]);
            if (i >= length - 1)
                Add(hash.Value);
        }
    }

    /// <summary>How many of these distinct hashes are kept here.</summary>
    public int CountOf(IEnumerable<ulong> hashes) => hashes.Count(kept.Contains);

    /// <summary>The hashes, ascending.</summary>
    public ulong[] ToArray() => [.. kept];

    private void Add(ulong hash)
    {
        if (hash > Limit || !kept.Add(hash) || kept.Count <= capacity)
            return;
        kept.Remove(kept.Max);
        Limit = kept.Max;
    }
}
