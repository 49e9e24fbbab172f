namespace BiMamba.Evaluation;

/// <summary>
/// The hash of the last n token ids of a sequence, one addition and one removal a token. It is a function of the ids alone:
/// with mix(x) the finalizer of SplitMix64 applied to x + G, G = 0x9E3779B97F4A7C15, and all sums and products modulo 2^64,
/// the n-gram a_1 .. a_n has the upper 40 bits of mix(sum over i of mix(a_i) * G^(n - i)).
/// </summary>
internal struct NgramHash
{
    /// <summary>Bits of a hash, five bytes where it is stored.</summary>
    public const int Bits = 40;

    /// <summary>The largest hash.</summary>
    public const ulong Max = (1UL << Bits) - 1;

    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ulong leavingFactor = 1;
    private ulong sum;

    /// <summary>An n-gram of no ids yet.</summary>
    /// <param name="length">n, at least 1.</param>
    public NgramHash(int length)
    {
        for (var i = 0; i < length; i++)
            leavingFactor *= Golden;
    }

    /// <summary>The hash, from 0 to <see cref="Max"/>.</summary>
    public readonly ulong Value => Mix(sum) >> (64 - Bits);

    /// <summary>Puts an id behind the others.</summary>
    public void Add(int id) => sum = (sum * Golden) + Mix((ulong)id);

    /// <summary>Takes away the id that was added n additions before the last.</summary>
    public void Remove(int id) => sum -= Mix((ulong)id) * leavingFactor;

    private static ulong Mix(ulong value)
    {
        value += Golden;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
