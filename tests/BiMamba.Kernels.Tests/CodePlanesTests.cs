namespace BiMamba.Kernels.Tests;

public class CodePlanesTests
{
    public static TheoryData<int, int, int, int> Sizes()
    {
        var data = new TheoryData<int, int, int, int>();
        foreach (var bits in new[] { 1, 2, 3, 4, 7, 8 })
        {
            foreach (var (rows, columns) in new[] { (1, 1), (16, 32), (37, 93), (50, 300), (16, 640) })
            {
                foreach (var group in new[] { 0, 16, 24, 32, 64, 100, 128 })
                    data.Add(bits, rows, columns, group);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Weights_are_scaled_differences_in_both_forms(int bits, int rows, int columns, int group)
    {
        foreach (var (scaleRows, hasZero) in new[] { (rows, true), (1, false), (rows, false), (1, true) })
        {
            var codes = Codes(bits, rows, columns, 41);
            var planes = Pack(codes, bits, rows, columns);
            var (scale, zero) = Parameters(scaleRows, columns, group, hasZero);
            var scales = new CodeScales(scale, zero, group, scaleRows, columns);
            var expected = new float[rows * columns];
            for (var i = 0; i < expected.Length; i++)
            {
                var (row, column) = (i / columns, i % columns);
                var index = (scaleRows == 1 ? 0 : row * scales.Groups) + (group == 0 ? 0 : column / group);
                expected[i] = scale[index] * (float)(codes[i] - (hasZero ? zero[index] : 1 << (bits - 1)));
            }

            var (scalar, stride) = (new float[rows * columns], columns + 5);
            CodePlanes.DequantizeScalar(planes, bits, rows, columns, 0, scales, new MutableRows(scalar, rows, columns));
            Numbers.AssertSameBits(expected, scalar);
            foreach (var first in new[] { 0, rows / 3 })
            {
                var panel = new float[(rows - first) * stride];
                Array.Fill(panel, float.NaN);
                CodePlanes.Dequantize(planes, bits, rows, columns, first, scales, new MutableRows(panel, rows - first, columns, stride));
                Numbers.AssertSameBits(expected.AsSpan(first * columns), Numbers.Dense(panel, rows - first, columns, stride));
                Assert.All(panel.Where((_, i) => i % stride >= columns), value => Assert.True(float.IsNaN(value)));
            }
        }
    }

    [Fact]
    public void Planes_are_those_of_signs_and_padding_is_zero()
    {
        const int Bits = 5, Rows = 21, Columns = 70;
        var codes = Codes(Bits, Rows, Columns, 42);
        var planes = Pack(codes, Bits, Rows, Columns);
        var planeBytes = (int)SignTiles.ByteLength(Rows, Columns);
        for (var k = 0; k < Bits; k++)
        {
            var signs = codes.Select(code => (code >> k & 1) != 0 ? (sbyte)1 : (sbyte)-1).ToArray();
            Assert.Equal(SignProductTests.Pack(signs, Rows, Columns), planes.AsSpan(k * planeBytes, planeBytes).ToArray());
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var planes = new byte[CodePlanes.ByteLength(3, 20, 32)];
        Assert.Throws<ArgumentException>(() => CodePlanes.PackBlock([.. Enumerable.Repeat((byte)8, 4 * 32)], 3, 20, 32, 16, planes));
        Assert.Throws<ArgumentException>(() => CodePlanes.PackBlock(new byte[16 * 32], 3, 20, 32, 16, planes));
        Assert.Throws<ArgumentException>(() => CodePlanes.PackBlock(new byte[16 * 32], 3, 20, 32, 4, planes));
        Assert.Throws<ArgumentOutOfRangeException>(() => CodePlanes.ByteLength(9, 1, 1));
        Assert.Throws<ArgumentException>(() => new CodeScales(new float[3], [], 16, 1, 32));
        Assert.Throws<ArgumentException>(() => new CodeScales(new float[2], new byte[1], 16, 1, 32));
        Assert.Throws<ArgumentException>(() => CodePlanes.Dequantize(planes, 3, 20, 32, 10, new CodeScales(new float[1], [], 0, 1, 32), new MutableRows(new float[11 * 32], 11, 32)));
        Assert.Throws<ArgumentException>(() => CodePlanes.Dequantize(planes, 3, 20, 32, 0, new CodeScales(new float[2], [], 0, 2, 32), new MutableRows(new float[32], 1, 32)));
    }

    internal static byte[] Codes(int bits, int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * columns).Select(_ => (byte)random.Next(1 << bits))];
    }

    internal static byte[] Pack(byte[] codes, int bits, int rows, int columns)
    {
        var planes = new byte[CodePlanes.ByteLength(bits, rows, columns)];
        Array.Fill(planes, (byte)0xA5);
        for (var row = 0; row < rows; row += 16)
            CodePlanes.PackBlock(codes.AsSpan(row * columns, Math.Min(16, rows - row) * columns), bits, rows, columns, row, planes);
        return planes;
    }

    internal static (float[] Scale, byte[] Zero) Parameters(int scaleRows, int columns, int group, bool hasZero)
    {
        var count = scaleRows * (group == 0 ? 1 : (columns + group - 1) / group);
        return (Numbers.Random(count, 43, 0.1f), hasZero ? Codes(8, count, 1, 44) : []);
    }
}
