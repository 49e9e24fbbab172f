using System.Collections;

namespace BiMamba.Tokenizers.Models;

/// <summary>The decoded bytes of every token, end to end in one array. Immutable.</summary>
internal sealed class TokenTable
{
    private readonly byte[] bytes;
    private readonly int[] ends;
    private readonly BitArray present;

    /// <summary>Lays the tokens out.</summary>
    /// <param name="tokens">Id and bytes; ids are distinct and not negative.</param>
    public TokenTable(IReadOnlyCollection<KeyValuePair<int, byte[]>> tokens)
    {
        Count = tokens.Count == 0 ? 0 : tokens.Max(t => t.Key) + 1;
        ends = new int[Count];
        present = new BitArray(Count);
        foreach (var (id, text) in tokens)
        {
            ends[id] = text.Length;
            present[id] = true;
        }

        for (var id = 1; id < Count; id++)
            ends[id] = checked(ends[id] + ends[id - 1]);
        bytes = new byte[Count == 0 ? 0 : ends[^1]];
        foreach (var (id, text) in tokens)
            text.CopyTo(bytes, ends[id] - text.Length);
    }

    /// <summary>One more than the largest id.</summary>
    public int Count { get; }

    /// <summary>True where an id names a token.</summary>
    public bool Has(int id) => (uint)id < (uint)Count && present[id];

    /// <summary>The bytes of a token; empty for an id in range without token.</summary>
    public ReadOnlySpan<byte> this[int id]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, Count);
            var start = id == 0 ? 0 : ends[id - 1];
            return bytes.AsSpan(start, ends[id] - start);
        }
    }
}
