namespace BiMamba.Kernels.Tests;

public class QuantizedRowsTests
{
    [Theory]
    [InlineData(1, 1, 8, 1)]
    [InlineData(3, 33, 8, 32)]
    [InlineData(3, 33, 4, 32)]
    [InlineData(2, 31, 4, 7)]
    [InlineData(2, 100, 4, 50)]
    [InlineData(2, 100, 8, 17)]
    [InlineData(5, 257, 4, 257)]
    public void Weights_come_back_within_half_a_scale(int rows, int columns, int bits, int groupSize)
    {
        var w = Numbers.Random(rows * columns, 81, 0.02f);
        Array.Clear(w, 0, Math.Min(groupSize, columns));
        var groups = QuantizedRows.Groups(columns, groupSize);
        var codes = new byte[rows * QuantizedRows.RowBytes(columns, bits)];
        var scales = new ushort[rows * groups];
        Array.Fill(codes, (byte)0xEE);
        Assert.Equal(-1, RowQuantizer.Quantize(new Rows(w, rows, columns), bits, groupSize, codes, scales));
        var (scalar, vector) = (new float[w.Length], new float[w.Length]);
        QuantizedRows.DequantizeScalar(codes, scales, bits, groupSize, new MutableRows(scalar, rows, columns));
        QuantizedRows.Dequantize(codes, scales, bits, groupSize, new MutableRows(vector, rows, columns));
        Numbers.AssertSameBits(scalar, vector);
        var limit = bits == 8 ? 127 : 7;
        for (var i = 0; i < w.Length; i++)
        {
            var (row, column) = (i / columns, i % columns);
            var scale = QuantizedRows.Widen(scales[(row * groups) + (column / groupSize)]);
            var group = w.AsSpan(row * columns, columns).ToArray().Chunk(groupSize).ElementAt(column / groupSize);
            var largest = group.Max(Math.Abs);
            Assert.InRange(scale * (double)limit, largest * (1 - 1e-6), largest * (1 + (1.0 / 128)));
            Assert.InRange(Math.Abs(w[i] - (double)scalar[i]), 0, 0.5000001 * scale);
            if (scale != 0)
            {
                var code = QuantizedRows.Code(ref codes[row * QuantizedRows.RowBytes(columns, bits)], column, bits);
                Assert.InRange(code, -limit, limit);
                Assert.Equal((int)Math.Round(w[i] / scale, MidpointRounding.ToEven), code);
            }
        }
    }

    [Fact]
    public void Nibbles_are_low_first_and_halves_round_to_even()
    {
        // The scale is exactly 1, so codes are the weights rounded.
        float[] w = [7f, -7f, 2.5f, 3.5f, -2.5f];
        var (codes, scales) = (new byte[3], new ushort[1]);
        Assert.Equal(-1, RowQuantizer.Quantize(new Rows(w, 1, 5), 4, 5, codes, scales));
        Assert.Equal([0x3F80], scales);
        Assert.Equal([0x97, 0x42, 0x0E], codes);
    }

    [Fact]
    public void Every_code_of_both_widths_is_read()
    {
        var codes = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var (eight, four) = (new float[256], new float[512]);
        QuantizedRows.Dequantize(codes, [0x3F80], 8, 256, new MutableRows(eight, 1, 256));
        QuantizedRows.Dequantize(codes, [0x4000], 4, 512, new MutableRows(four, 1, 512));
        for (var i = 0; i < 256; i++)
        {
            Assert.Equal((sbyte)i, eight[i]);
            Assert.Equal((((i & 15) ^ 8) - 8) * 2f, four[2 * i]);
            Assert.Equal((((i >> 4) ^ 8) - 8) * 2f, four[(2 * i) + 1]);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_weight_that_is_not_finite_is_named(float bad)
    {
        var w = Numbers.Random(80, 82);
        w[63] = bad;
        Assert.Equal(63, RowQuantizer.Quantize(new Rows(w, 2, 40), 8, 16, new byte[80], new ushort[6]));
    }

    [Theory]
    [InlineData(0f, 0)]
    [InlineData(1f, 0x3F80)]
    [InlineData(1.0000001f, 0x3F81)]
    [InlineData(float.Epsilon, 1)]
    public void Scales_round_up_to_bfloat16(float value, int expected) => Assert.Equal(expected, RowQuantizer.RoundUp(value));
}
