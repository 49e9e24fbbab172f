namespace BiMamba.Fuzz.Tests.Harness;

/// <summary>Numbers of one case, the same on every machine and version of .NET (SplitMix64).</summary>
internal sealed class FuzzRandom
{
    private ulong state;

    /// <summary>The numbers of a case of a target.</summary>
    public FuzzRandom(string target, long number)
    {
        // FNV-1a of the name keeps targets apart.
        state = 14695981039346656037;
        foreach (var c in target)
            state = (state ^ c) * 1099511628211;
        state ^= (ulong)number * 0xD1342543DE82EF95;
        Bits();
    }

    /// <summary>64 random bits.</summary>
    public ulong Bits()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number from 0 to below a limit of at least 1.</summary>
    public int Below(int limit) => (int)(Bits() % (ulong)limit);

    /// <summary>A whole number from the first to the last.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>True once in so many draws.</summary>
    public bool OneIn(int count) => Below(count) == 0;

    /// <summary>One of the items.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>A length that is mostly short, and never above a limit: every order of magnitude is as likely as another.</summary>
    public int Length(int limit) => Math.Min(limit, 1 << Below(1 + (int)Math.Log2(Math.Max(1, limit)))) is var most && most <= 1 ? most : 1 + Below(most);
}
