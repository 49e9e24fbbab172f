using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace BiMamba.Tokenizers.Models;

/// <summary>The merges of a BPE model: a pair of ids to its rank, a rank to the id that it makes. Lower ranks merge first.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that does not merge.</summary>
    public const int None = int.MaxValue;

    private const ulong Empty = ulong.MaxValue;

    private readonly ulong multiplier = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) | 1;
    private readonly int shift;
    private readonly ulong[] keys;
    private readonly int[] ranks;
    private readonly int[] made;

    /// <summary>Builds the table.</summary>
    /// <param name="merges">The merges by rank. Where a pair occurs twice, the later one counts.</param>
    public MergeTable(IReadOnlyList<(int Left, int Right, int Made)> merges)
    {
        var slots = BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 2));
        shift = 64 - BitOperations.Log2(slots);
        keys = new ulong[slots];
        Array.Fill(keys, Empty);
        ranks = new int[slots];
        made = new int[merges.Count];
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right, makes) = merges[rank];
            made[rank] = makes;
            var slot = SlotOf(Key(left, right));
            keys[slot] = Key(left, right);
            ranks[slot] = rank;
        }
    }

    /// <summary>The rank of a pair, or <see cref="None"/>.</summary>
    public int Rank(int left, int right)
    {
        var slot = SlotOf(Key(left, right));
        return keys[slot] == Empty ? None : ranks[slot];
    }

    /// <summary>The id that the merge of a rank makes.</summary>
    public int Made(int rank) => made[rank];

    private static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    private int SlotOf(ulong key)
    {
        var slot = (int)(key * multiplier >> shift);
        while (keys[slot] != key && keys[slot] != Empty)
            slot = (slot + 1) & (keys.Length - 1);
        return slot;
    }
}
