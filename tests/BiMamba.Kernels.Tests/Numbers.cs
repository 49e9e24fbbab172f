namespace BiMamba.Kernels.Tests;

/// <summary>Seeded inputs and comparisons of floats.</summary>
internal static class Numbers
{
    /// <summary>Half the distance from 1 to the next f32: the error of one rounding.</summary>
    public const double Unit = 1.0 / (1 << 24);

    public static float[] Random(int length, int seed, float scale = 1f)
    {
        var random = new Random(seed);
        var values = new float[length];
        for (var i = 0; i < length; i++)
            values[i] = ((float)random.NextDouble() - 0.5f) * 2f * scale;
        return values;
    }

    public static sbyte[] Signs(int length, int seed, int zeroOneIn = 0)
    {
        var random = new Random(seed);
        var signs = new sbyte[length];
        for (var i = 0; i < length; i++)
            signs[i] = zeroOneIn > 0 && random.Next(zeroOneIn) == 0 ? (sbyte)0 : random.Next(2) == 0 ? (sbyte)-1 : (sbyte)1;
        return signs;
    }

    /// <summary>Equal in every bit, any NaN being as good as another.</summary>
    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (Bits(expected[i]) != Bits(actual[i]))
                Assert.Fail($"element {i}: expected {expected[i]:R} ({Bits(expected[i]):X8}), found {actual[i]:R} ({Bits(actual[i]):X8})");
        }
    }

    public static void AssertNear(double expected, float actual, double bound, string what)
    {
        if (!(Math.Abs(actual - expected) <= bound))
            Assert.Fail($"{what}: expected {expected:R} within {bound:R}, found {actual:R}");
    }

    public static uint Bits(float value) => float.IsNaN(value) ? 0x7FC00000 : BitConverter.SingleToUInt32Bits(value);

    public static double Softplus(double x)
    {
        var e = Math.Exp(x);
        return x > 20 ? x : x < -10 ? e * (1 - (e / 2) + (e * e / 3)) : Math.Log(1 + e);
    }

    public static double Silu(double x) => x / (1 + Math.Exp(-x));

    /// <summary>Rows at a stride wider than the width, the gaps holding NaN so that reading one is noticed.</summary>
    public static float[] Strided(ReadOnlySpan<float> dense, int count, int width, int stride)
    {
        var values = new float[Math.Max(0, ((count - 1) * stride) + width)];
        Array.Fill(values, float.NaN);
        for (var i = 0; i < count; i++)
            dense.Slice(i * width, width).CopyTo(values.AsSpan(i * stride));
        return values;
    }

    public static float[] Dense(ReadOnlySpan<float> strided, int count, int width, int stride)
    {
        var values = new float[count * width];
        for (var i = 0; i < count; i++)
            strided.Slice(i * stride, width).CopyTo(values.AsSpan(i * width));
        return values;
    }
}
