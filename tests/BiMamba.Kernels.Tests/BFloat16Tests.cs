namespace BiMamba.Kernels.Tests;

public class BFloat16Tests
{
    [Theory]
    [InlineData(0x3F800000u, 0x3F80)]
    [InlineData(0x3F808000u, 0x3F80)]
    [InlineData(0x3F808001u, 0x3F81)]
    [InlineData(0x3F818000u, 0x3F82)]
    [InlineData(0x80000000u, 0x8000)]
    [InlineData(0x7F7FFFFFu, 0x7F80)]
    [InlineData(0x7F800000u, 0x7F80)]
    [InlineData(0x00008001u, 0x0001)]
    public void Narrowing_goes_to_the_nearest_and_ties_to_even(uint bits, int expected) =>
        Assert.Equal((ushort)expected, BFloat16.Narrow(BitConverter.UInt32BitsToSingle(bits)));

    [Theory]
    [InlineData(0x7F800001u)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0xFFFFFFFFu)]
    public void Not_a_number_stays_one(uint bits)
    {
        var x = new float[33];
        Array.Fill(x, BitConverter.UInt32BitsToSingle(bits));
        var narrow = new ushort[x.Length];
        BFloat16.Narrow(x, narrow);
        Assert.All(narrow, v => Assert.True(float.IsNaN(BFloat16.Widen(v))));
    }

    [Fact]
    public void All_values_survive_and_vectors_have_the_bits_of_the_scalar_forms()
    {
        var all = Enumerable.Range(0, 1 << 16).Select(i => (ushort)i).ToArray();
        var wide = new float[all.Length];
        BFloat16.Widen(all, wide);
        Numbers.AssertSameBits(all.Select(BFloat16.Widen).ToArray(), wide);
        var narrow = new ushort[all.Length];
        BFloat16.Narrow(wide, narrow);
        for (var i = 0; i < all.Length; i++)
            Assert.Equal(float.IsNaN(wide[i]) ? i | 0x40 : i, narrow[i]);
        var x = Numbers.Random(1000, 81);
        BFloat16.Narrow(x, narrow.AsSpan(0, x.Length));
        Assert.Equal(x.Select(BFloat16.Narrow), narrow.Take(x.Length));
    }
}
