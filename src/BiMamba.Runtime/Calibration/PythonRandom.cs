namespace BiMamba.Runtime.Calibration;

/// <summary>
/// The random numbers of Python's <c>random</c> module after <c>random.seed(n)</c>: MT19937 (Matsumoto and Nishimura,
/// 1998), seeded by the words of n. Published calibrations draw their windows from it.
/// </summary>
public sealed class PythonRandom
{
    private const int Size = 624;
    private const int Middle = 397;
    private readonly uint[] state = new uint[Size];
    private int next = Size;

    /// <summary>A generator as <c>random.seed(seed)</c> leaves it.</summary>
    public PythonRandom(int seed)
    {
        Fill(19650218);
        var key = (uint)Math.Abs((long)seed);
        var i = 1;
        for (var k = 0; k < Size; k++)
        {
            state[i] = (state[i] ^ (Mixed(i) * 1664525)) + key;
            i = Step(i);
        }

        for (var k = 0; k < Size - 1; k++)
        {
            state[i] = (state[i] ^ (Mixed(i) * 1566083941)) - (uint)i;
            i = Step(i);
        }

        state[0] = 0x80000000;
    }

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>, both included, as <c>random.randint</c> draws it.</summary>
    public int Between(int least, int most)
    {
        var count = (uint)((long)most - least + 1);
        var bits = 32 - System.Numerics.BitOperations.LeadingZeroCount(count);
        uint drawn;
        do
        {
            drawn = Next() >> (32 - bits);
        }
        while (drawn >= count);
        return (int)(least + drawn);
    }

    private void Fill(uint seed)
    {
        state[0] = seed;
        for (var i = 1; i < Size; i++)
            state[i] = (1812433253 * (state[i - 1] ^ (state[i - 1] >> 30))) + (uint)i;
    }

    private uint Mixed(int i) => state[i - 1] ^ (state[i - 1] >> 30);

    private int Step(int i)
    {
        if (i + 1 < Size)
            return i + 1;
        state[0] = state[Size - 1];
        return 1;
    }

    private uint Next()
    {
        if (next == Size)
            Twist();
        var y = state[next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >> 18);
    }

    private void Twist()
    {
        for (var i = 0; i < Size; i++)
        {
            var y = (state[i] & 0x80000000) | (state[(i + 1) % Size] & 0x7fffffff);
            state[i] = state[(i + Middle) % Size] ^ (y >> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
        }

        next = 0;
    }
}
