using System.Runtime.InteropServices;

namespace BiMamba.Kernels.Tests;

public class StoredRowProductTests
{
    public static TheoryData<StoredElement, int, int, int> Sizes()
    {
        var data = new TheoryData<StoredElement, int, int, int>();
        foreach (var element in Enum.GetValues<StoredElement>())
        {
            foreach (var (rows, columns) in new[] { (1, 1), (3, 17), (4, 16), (5, 33), (9, 0), (7, 160), (6, 333), (4, 48), (13, 64), (17, 48) })
            {
                foreach (var groupSize in element is StoredElement.I8 or StoredElement.I4 ? [16, 32, 7, 400] : new[] { 0 })
                    data.Add(element, rows, columns, groupSize);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Products_have_the_bits_of_the_widened_rows(StoredElement element, int rows, int columns, int groupSize)
    {
        // One byte in front, so that nothing is aligned.
        var stored = Bytes(element, rows, columns);
        var scales = Scales(rows, columns, groupSize);
        var w = View(stored, scales, element, rows, columns, groupSize);
        var panel = new float[rows * columns];
        w.Widen(new MutableRows(panel, rows, columns));
        for (var tokens = 0; tokens <= 9; tokens++)
        {
            var stride = columns + 3;
            var x = Numbers.Strided(Numbers.Random(tokens * columns, 31), tokens, columns, stride);
            var input = new Rows(x, tokens, columns, stride);
            var (expected, vector, scalar) = (new float[tokens * rows], new float[tokens * (rows + 2)], new float[tokens * rows]);
            RowProduct.MultiplyScalar(input, panel, new MutableRows(expected, tokens, rows));
            StoredRowProduct.Multiply(input, w, new MutableRows(vector, tokens, rows, rows + 2));
            StoredRowProduct.MultiplyScalar(input, w, new MutableRows(scalar, tokens, rows));
            Numbers.AssertSameBits(expected, scalar);
            Numbers.AssertSameBits(expected, Numbers.Dense(vector, tokens, rows, rows + 2));
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(4)]
    public void Codes_widen_as_dequantized_rows_do(int bits)
    {
        const int Rows = 5, Columns = 77;
        foreach (var groupSize in new[] { 1, 16, 34, 100 })
        {
            var codes = new byte[Rows * QuantizedRows.RowBytes(Columns, bits)];
            new Random(41).NextBytes(codes);
            var scales = Scales(Rows, Columns, groupSize)[1..];
            var (panel, rows) = (new float[Rows * Columns], new float[Rows * Columns]);
            QuantizedRows.Dequantize(codes, MemoryMarshal.Cast<byte, ushort>(scales), bits, groupSize, new MutableRows(panel, Rows, Columns));
            var stored = StoredRows.Codes(codes, scales, bits, groupSize, Rows, Columns);
            stored.Slice(1, 3).Widen(new MutableRows(rows.AsSpan(Columns), 3, Columns));
            Numbers.AssertSameBits(panel.AsSpan(Columns, 3 * Columns), rows.AsSpan(Columns, 3 * Columns));
        }
    }

    [Fact]
    public void Every_half_and_every_bfloat_is_widened_exactly()
    {
        var bits = Enumerable.Range(0, 1 << 16).Select(i => (ushort)i).ToArray();
        var bytes = MemoryMarshal.AsBytes(bits.AsSpan());
        var (halves, bfloats, products) = (new float[bits.Length], new float[bits.Length], new float[bits.Length]);
        StoredRows.Floats(bytes, StoredElement.F16, 1, bits.Length).Widen(new MutableRows(halves, 1, bits.Length));
        StoredRows.Floats(bytes, StoredElement.BF16, 1, bits.Length).Widen(new MutableRows(bfloats, 1, bits.Length));
        Numbers.AssertSameBits(bits.Select(b => (float)BitConverter.UInt16BitsToHalf(b)).ToArray(), halves);
        Numbers.AssertSameBits(bits.Select(b => BitConverter.UInt32BitsToSingle((uint)b << 16)).ToArray(), bfloats);

        // 16 equal columns, of which the activations take one: the product is the element, but for the sign of a zero.
        float[] one = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        var repeated = bits.Where(b => Half.IsFinite(BitConverter.UInt16BitsToHalf(b))).ToArray();
        var wide = MemoryMarshal.AsBytes(repeated.SelectMany(b => Enumerable.Repeat(b, 16)).ToArray().AsSpan());
        var y = new float[repeated.Length];
        StoredRowProduct.Multiply(new Rows(one, 1, 16), StoredRows.Floats(wide, StoredElement.F16, repeated.Length, 16), new MutableRows(y, 1, y.Length));
        Numbers.AssertSameBits(repeated.Select(b => (float)BitConverter.UInt16BitsToHalf(b) + 0f).ToArray(), y);
    }

    [Fact]
    public void Infinity_and_not_a_number_in_a_weight_reach_their_row()
    {
        var w = new Half[8 * 16];
        (w[17], w[(5 * 16) + 3]) = (Half.NegativeInfinity, Half.NaN);
        var y = new float[8];
        var stored = StoredRows.Floats(MemoryMarshal.AsBytes(w.AsSpan()), StoredElement.F16, 8, 16);
        StoredRowProduct.Multiply(new Rows(Enumerable.Repeat(2f, 16).ToArray(), 1, 16), stored, new MutableRows(y, 1, 8));
        Assert.Equal([0, float.NegativeInfinity, 0, 0, 0, float.NaN, 0, 0], y);
    }

    [Fact]
    public void Lengths_are_checked()
    {
        Assert.Throws<ArgumentException>(() => StoredRows.Floats(new byte[11], StoredElement.F16, 2, 3));
        Assert.Throws<ArgumentException>(() => StoredRows.Floats(new byte[6], StoredElement.I8, 2, 3));
        Assert.Throws<ArgumentException>(() => StoredRows.Codes(new byte[6], new byte[5], 8, 2, 2, 3));
        Assert.Throws<ArgumentException>(() => StoredRows.Codes(new byte[6], new byte[8], 8, 0, 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => StoredRows.Codes(new byte[6], new byte[8], 5, 2, 2, 3));
        Assert.Throws<ArgumentException>(() => StoredRows.Floats(new byte[12], StoredElement.F16, 2, 3).Slice(1, 2));
        Assert.Throws<ArgumentException>(() => StoredRows.Floats(new byte[12], StoredElement.F16, 2, 3).Widen(new MutableRows(new float[4], 2, 2)));
        Assert.Throws<ArgumentException>(() => StoredRowProduct.Multiply(
            new Rows(new float[3], 1, 3), StoredRows.Floats(new byte[12], StoredElement.F16, 2, 3), new MutableRows(new float[3], 1, 3)));
    }

    /// <summary>Random elements behind one byte; floats are finite, some of them subnormal.</summary>
    internal static byte[] Bytes(StoredElement element, int rows, int columns)
    {
        var values = Numbers.Random(rows * columns, 32, 0.01f);
        byte[] bytes = element switch
        {
            StoredElement.F32 => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
            StoredElement.F16 => MemoryMarshal.AsBytes(values.Select((v, i) => (Half)(i % 7 == 0 ? v * 1e-3f : v)).ToArray().AsSpan()).ToArray(),
            StoredElement.BF16 => MemoryMarshal.AsBytes(values.Select(v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)).ToArray().AsSpan()).ToArray(),
            _ => new byte[rows * QuantizedRows.RowBytes(columns, element == StoredElement.I8 ? 8 : 4)],
        };
        if (element is StoredElement.I8 or StoredElement.I4)
            new Random(33).NextBytes(bytes);
        return [0xFF, .. bytes];
    }

    /// <summary>Random scales of both signs behind one byte, or nothing where there are no groups.</summary>
    internal static byte[] Scales(int rows, int columns, int groupSize)
    {
        if (groupSize == 0)
            return [0xFF];
        var values = Numbers.Random(rows * QuantizedRows.Groups(columns, groupSize), 34, 0.1f);
        return [0xFF, .. MemoryMarshal.AsBytes(values.Select(v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)).ToArray().AsSpan())];
    }

    internal static StoredRows View(byte[] stored, byte[] scales, StoredElement element, int rows, int columns, int groupSize) =>
        groupSize == 0
            ? StoredRows.Floats(stored.AsSpan(1), element, rows, columns)
            : StoredRows.Codes(stored.AsSpan(1), scales.AsSpan(1), element == StoredElement.I8 ? 8 : 4, groupSize, rows, columns);
}
