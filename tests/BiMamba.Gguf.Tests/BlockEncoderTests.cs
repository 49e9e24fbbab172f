using System.Buffers.Binary;
using BiMamba.Formats.Gguf;

namespace BiMamba.Gguf.Tests;

/// <summary>Block encodings against blocks computed by hand, and against what their decoding may lose.</summary>
public sealed class BlockEncoderTests
{
    public static TheoryData<string> Names => [.. GgmlType.All.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Blocks_are_independent_of_each_other(string name)
    {
        var type = GgmlType.Find(name)!;
        var source = Random(8 * 256, 1);
        var whole = Encode(type, source);
        var block = type.BlockElements;
        for (var i = 0; i < source.Length / block; i++)
            Assert.Equal(Encode(type, source.AsSpan(i * block, block)), whole[(i * type.BlockBytes)..((i + 1) * type.BlockBytes)]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Zeros_have_a_scale_of_zero(string name)
    {
        var type = GgmlType.Find(name)!;
        Assert.All(GgmlDecoder.Decode(type, Encode(type, new float[512])), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Floats_are_their_bits()
    {
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0], Encode(GgmlType.F32, [1, -2.5f]));
        // 1 + 2^-11 lies between two halves and goes to the even one; 65520 is the first float that overflows.
        Assert.Equal([0x00, 0x3c, 0x00, 0xc1, 0x00, 0x3c, 0xff, 0x7b, 0x00, 0x7c], Encode(GgmlType.F16, [1, -2.5f, 1 + (1 / 2048f), 65519, 65520]));
    }

    [Fact]
    public void Q4_0_by_hand()
    {
        // The largest magnitude is -4, so the scale is 0.5, and a code is 2 x + 8 rounded, at most 15.
        var block = new float[32];
        (block[0], block[16], block[1], block[17], block[15], block[31]) = (-4, 3.5f, 4, 0.24f, 0.25f, -0.3f);
        Assert.Equal([0x00, 0x38, 0xf0, 0x8f, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x79], Encode(GgmlType.Q4, block));
    }

    [Fact]
    public void Q4_0_takes_the_sign_of_the_first_of_equal_magnitudes()
    {
        var block = new float[32];
        (block[3], block[4]) = (8, -8);
        Assert.Equal(-1f, Scale(Encode(GgmlType.Q4, block), 0));
        (block[3], block[4]) = (-8, 8);
        Assert.Equal(1f, Scale(Encode(GgmlType.Q4, block), 0));
    }

    [Fact]
    public void Q8_0_by_hand()
    {
        // The largest magnitude is 127, so the scale is 1; halves go away from zero.
        var block = new float[32];
        (block[0], block[1], block[2], block[3], block[31]) = (127, 0.5f, -0.5f, -1.5f, -126.4f);
        byte[] expected = [0x00, 0x3c, 127, 1, 0xff, 0xfe, .. new byte[27], 0x82];
        Assert.Equal(expected, Encode(GgmlType.Q8, block));
    }

    [Fact]
    public void TQ2_0_by_hand()
    {
        // The scale is 2 and stands behind the codes; half of it is rounded away from zero.
        var block = new float[256];
        (block[0], block[32], block[64], block[96], block[127]) = (2, -2, 1, 0.99f, -1);
        (block[128], block[255]) = (-0.99f, 2);
        var bytes = Encode(GgmlType.TQ2, block);
        Assert.Equal(0b01_10_00_10, bytes[0]);
        Assert.Equal(0b00_01_01_01, bytes[31]);
        Assert.Equal(0b01_01_01_01, bytes[32]);
        Assert.Equal(0b10_01_01_01, bytes[63]);
        Assert.Equal(2f, Scale(bytes, 64));
    }

    [Fact]
    public void BF16_rounds_to_even()
    {
        // 1 + 2^-8 lies between two numbers and goes to the even one.
        Assert.Equal([0x80, 0x3f, 0x20, 0xc0, 0x80, 0x3f, 0x82, 0x3f], Encode(GgmlType.BF16, [1, -2.5f, 1 + (1 / 256f), 1 + (3 / 256f)]));
        Assert.True(float.IsNaN(GgmlDecoder.Decode(GgmlType.BF16, Encode(GgmlType.BF16, [float.NaN]))[0]));
    }

    [Fact]
    public void TQ1_0_by_hand()
    {
        // Digits 2, 0, 1, 1, 1 are 2 81 + 9 + 3 + 1 = 175 of 243, and 175 256 / 243 is 184.4; all ones are 121, and 127.5.
        var block = new float[256];
        (block[0], block[32]) = (4, -4);
        // The last four bytes have four digits: 0, 1, 1, 1 are (9 + 3 + 1) 3 = 39, and 41.1; all ones are 120, and 126.4.
        block[240] = -3;
        var bytes = Encode(GgmlType.TQ1, block);
        Assert.Equal(185, bytes[0]);
        Assert.All(bytes[1..48], value => Assert.Equal(128, value));
        Assert.Equal([42, 127, 127, 127], bytes[48..52]);
        Assert.Equal(4f, Scale(bytes, 52));
    }

    [Fact]
    public void Q1_0_by_hand()
    {
        // Magnitudes add to 96, so the scale is 0.75; a zero of either sign counts as positive.
        var block = Enumerable.Repeat(-1f, 128).ToArray();
        Array.Clear(block, 0, 32);
        (block[1], block[40], block[127]) = (-0f, 1, 1);
        byte[] expected = [0x00, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x00, 0x01, .. new byte[9], 0x80];
        Assert.Equal(expected, Encode(GgmlType.Q1, block));
    }

    [Theory]
    [InlineData("q8_0", 1 / 127.0 / 2)]
    [InlineData("q4_0", 1 / 8.0)]
    [InlineData("tq1_0", 1 / 2.0)]
    [InlineData("tq2_0", 1 / 2.0)]
    [InlineData("bf16", 1 / 256.0)]
    public void An_element_is_off_by_at_most_a_share_of_the_largest(string name, double share)
    {
        var type = GgmlType.Find(name)!;
        for (var seed = 0; seed < 50; seed++)
        {
            var source = Random(type.BlockElements, seed);
            var largest = source.Max(Math.Abs);
            foreach (var (found, wanted) in GgmlDecoder.Decode(type, Encode(type, source)).Zip(source))
                Assert.InRange(Math.Abs(found - wanted), 0, largest * (share + (1 / 1024.0)));
        }
    }

    [Fact]
    public void Q1_0_keeps_signs_and_the_mean_magnitude()
    {
        var source = Random(128, 3);
        var found = GgmlDecoder.Decode(GgmlType.Q1, Encode(GgmlType.Q1, source));
        Assert.Equal(source.Select(value => value >= 0), found.Select(value => value >= 0));
        Assert.All(found, value => Assert.Equal(source.Average(Math.Abs), Math.Abs(value), 0.001f));
    }

    [Theory]
    [InlineData("q8_0")]
    [InlineData("q4_0")]
    [InlineData("tq1_0")]
    [InlineData("tq2_0")]
    [InlineData("q1_0")]
    public void What_was_decoded_is_encoded_to_the_same_values(string name)
    {
        var type = GgmlType.Find(name)!;
        var source = Random(256, 4);
        // A scale that is exact in binary16 and a block that reaches its ends, so that nothing is rounded again.
        for (var i = 0; i < source.Length; i++)
            source[i] = i % 32 == 0 ? -1 : name is "q1_0" or "tq1_0" or "tq2_0" ? MathF.Sign(source[i]) : MathF.Round(source[i] * 8) / 8;
        var once = GgmlDecoder.Decode(type, Encode(type, source));
        Assert.Equal(once, GgmlDecoder.Decode(type, Encode(type, once)), (a, b) => Math.Abs(a - b) <= 1e-3f);
    }

    internal static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }

    internal static byte[] Encode(GgmlType type, ReadOnlySpan<float> source)
    {
        var bytes = new byte[type.BytesOf(source.Length)];
        type.Encode(source, bytes);
        return bytes;
    }

    private static float Scale(byte[] block, int offset) => (float)BinaryPrimitives.ReadHalfLittleEndian(block.AsSpan(offset));
}
