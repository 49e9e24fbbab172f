namespace BiMamba.IR.Tests;

/// <summary>Seeded numbers that are the same on every version of .NET (SplitMix64), so that hashes of them can be golden.</summary>
internal sealed class Numbers(int seed)
{
    private ulong state = (ulong)seed;

    /// <summary>64 random bits.</summary>
    public ulong Bits()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number from 0 to below a limit.</summary>
    public int Below(int limit) => (int)(Bits() % (ulong)limit);

    /// <summary>A number from 0 to below 1, a multiple of 2^-24.</summary>
    public float Unit() => (Bits() >> 40) / (float)(1 << 24);

    /// <summary>A number from -1 to below 1, never 0.</summary>
    public float Signed() => Unit() is var value && value != 0.5f ? (2 * value) - 1 : 1;

    /// <summary>Numbers from -scale to scale, none of them 0.</summary>
    public float[] Vector(int length, float scale = 1)
    {
        var values = new float[length];
        for (var i = 0; i < length; i++)
            values[i] = Signed() * scale;
        return values;
    }

    /// <summary>Numbers around 1, as weights of a norm are.</summary>
    public float[] Ones(int length)
    {
        var values = Vector(length, 0.3f);
        for (var i = 0; i < length; i++)
            values[i] += 1;
        return values;
    }

    /// <summary>Token ids below a limit.</summary>
    public int[] Ids(int count, int limit)
    {
        var ids = new int[count];
        for (var i = 0; i < count; i++)
            ids[i] = Below(limit);
        return ids;
    }
}
