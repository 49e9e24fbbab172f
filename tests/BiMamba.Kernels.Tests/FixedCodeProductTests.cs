namespace BiMamba.Kernels.Tests;

public class FixedCodeProductTests
{
    public static TheoryData<int, int, int, int, int> Sizes()
    {
        var data = new TheoryData<int, int, int, int, int>();
        foreach (var bits in new[] { 1, 2, 3, 4, 5, 8 })
        {
            foreach (var group in new[] { 0, 16, 24, 32, 64, 100, 128 })
            {
                foreach (var (tokens, rows, columns) in new[] { (1, 1, 1), (5, 37, 93), (4, 80, 600), (3, 17, 1100), (51, 16, 64) })
                    data.Add(bits, group, tokens, rows, columns);
            }
        }

        data.Add(4, 384, 2, 300, 1500);
        data.Add(4, 352, 2, 33, 2100);
        data.Add(4, 1024, 2, 33, 2100);
        data.Add(4, 1, 2, 33, 600);
        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void All_forms_have_the_bits_of_the_scalar_form_which_is_near_the_exact_sum(int bits, int group, int tokens, int rows, int columns)
    {
        foreach (var (scaleRows, hasZero) in new[] { (rows, true), (1, false) })
        {
            var x = Numbers.Random(tokens * columns, 61, 3f);
            var codes = CodePlanesTests.Codes(bits, rows, columns, 62);
            var planes = CodePlanesTests.Pack(codes, bits, rows, columns);
            var (scale, zero) = CodePlanesTests.Parameters(scaleRows, columns, group, hasZero);
            var scales = new CodeScales(scale, zero, group, scaleRows, columns);
            var scalar = new float[tokens * rows];
            FixedCodeProduct.MultiplyScalar(planes, bits, rows, new Rows(x, tokens, columns), scales, 0, new MutableRows(scalar, tokens, rows));

            var stride = rows + 3;
            var vector = new float[tokens * stride];
            var scratch = new float[FixedCodeProduct.ScratchLength(columns, group)];
            Array.Fill(scratch, float.NaN);
            FixedCodeProduct.Multiply(
                planes, bits, rows, new Rows(Numbers.Strided(x, tokens, columns, columns + 1), tokens, columns, columns + 1), scales, 0,
                new MutableRows(vector, tokens, rows, stride), scratch);
            Numbers.AssertSameBits(scalar, Numbers.Dense(vector, tokens, rows, stride));
            Numbers.AssertSameBits(scalar, OneByOne(planes, bits, rows, x, tokens, scales, 32));
            Numbers.AssertSameBits(scalar, OneByOne(planes, bits, rows, x, tokens, scales, 4096));

            var weights = new float[rows * columns];
            CodePlanes.DequantizeScalar(planes, bits, rows, columns, 0, scales, new MutableRows(weights, rows, columns));
            AssertNear(weights, x, scalar, tokens, rows, columns);
        }
    }

    [Fact]
    public void Ranges_of_row_blocks_have_the_bits_of_the_whole()
    {
        const int Bits = 4, Group = 64, Tokens = 7, Rows = 150, Columns = 700;
        var x = Numbers.Random(Tokens * Columns, 63);
        var planes = CodePlanesTests.Pack(CodePlanesTests.Codes(Bits, Rows, Columns, 64), Bits, Rows, Columns);
        var (scale, zero) = CodePlanesTests.Parameters(Rows, Columns, Group, true);
        var scales = new CodeScales(scale, zero, Group, Rows, Columns);
        var (whole, parts, scratch) = (new float[Tokens * Rows], new float[Tokens * Rows], new float[FixedCodeProduct.ScratchLength(Columns, Group)]);
        FixedCodeProduct.Multiply(planes, Bits, Rows, new Rows(x, Tokens, Columns), scales, 0, new MutableRows(whole, Tokens, Rows), scratch);
        for (var first = 0; first < Rows; first += 48)
        {
            var count = Math.Min(48, Rows - first);
            FixedCodeProduct.Multiply(planes, Bits, Rows, new Rows(x, Tokens, Columns), scales, first / 16, new MutableRows(parts.AsSpan(first), Tokens, count, Rows), scratch);
        }

        Numbers.AssertSameBits(whole, parts);
    }

    /// <summary>The largest integers of one sign meet the largest codes: sums reach the bounds of all intermediate numbers.</summary>
    [Theory]
    [InlineData(1f)]
    [InlineData(-1f)]
    public void The_largest_sums_are_exact(float sign)
    {
        const int Bits = 8, Rows = 32, Columns = 1024;
        var x = Enumerable.Repeat(sign * MathF.BitDecrement(1f), Columns).ToArray();
        var planes = CodePlanesTests.Pack([.. Enumerable.Repeat((byte)255, Rows * Columns)], Bits, Rows, Columns);
        var scales = new CodeScales([1f], [0], 0, 1, Columns);
        var (scalar, vector) = (new float[Rows], new float[Rows]);
        FixedCodeProduct.MultiplyScalar(planes, Bits, Rows, new Rows(x, 1, Columns), scales, 0, new MutableRows(scalar, 1, Rows));
        FixedCodeProduct.Multiply(
            planes, Bits, Rows, new Rows(x, 1, Columns), scales, 0, new MutableRows(vector, 1, Rows), new float[FixedCodeProduct.ScratchLength(Columns, 0)]);
        Numbers.AssertSameBits(scalar, vector);
        Numbers.AssertSameBits(scalar, OneByOne(planes, Bits, Rows, x, 1, scales, Rows));
        Numbers.AssertNear(sign * 255.0 * Columns, scalar[0], 1, "y[0]");
    }

    [Fact]
    public void Infinities_and_numbers_that_are_none_make_results_none()
    {
        const int Columns = 900;
        var planes = CodePlanesTests.Pack(CodePlanesTests.Codes(4, 16, Columns, 65), 4, 16, Columns);
        var scales = new CodeScales([0.5f], [], 0, 1, Columns);
        var x = Numbers.Random(2 * Columns, 27);
        x[31] = float.PositiveInfinity;
        x[Columns + 897] = float.NaN;
        var y = new float[2 * 16];
        FixedCodeProduct.Multiply(planes, 4, 16, new Rows(x, 2, Columns), scales, 0, new MutableRows(y, 2, 16), new float[FixedCodeProduct.ScratchLength(Columns, 0)]);
        Assert.All(y, value => Assert.True(float.IsNaN(value)));
        Assert.All(OneByOne(planes, 4, 16, x, 2, scales, 16), value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var planes = new byte[CodePlanes.ByteLength(4, 40, 32)];
        var scratch = new float[FixedCodeProduct.ScratchLength(32, 0)];
        Assert.Throws<ArgumentException>(() => Run(planes, 20, scratch, 1));
        Assert.Throws<ArgumentException>(() => Run(planes, 40, scratch[1..], 1));
        Assert.Throws<ArgumentException>(() => Run(planes[1..], 40, scratch, 1));
        Assert.Throws<ArgumentException>(() => Run(planes, 40, scratch, 2));

        static void Run(byte[] planes, int width, float[] scratch, int scaleRows) =>
            FixedCodeProduct.Multiply(
                planes, 4, 40, new Rows(new float[32], 1, 32), new CodeScales(new float[scaleRows], [], 0, scaleRows, 32), 0,
                new MutableRows(new float[width], 1, width), scratch);
    }

    internal static float[] OneByOne(byte[] planes, int bits, int rows, float[] x, int tokens, CodeScales scales, int range)
    {
        var y = new float[tokens * rows];
        var tables = new float[FixedCodeProduct.TableLength(scales.Columns, scales.Group)];
        var scratch = new float[FixedCodeProduct.TokenScratchLength(scales.Columns, scales.Group)];
        for (var t = 0; t < tokens; t++)
        {
            FixedCodeProduct.BuildTables(x.AsSpan(t * scales.Columns, scales.Columns), scales.Group, tables);
            for (var first = 0; first < rows; first += range)
                FixedCodeProduct.Accumulate(planes, bits, rows, tables, scales, first / 16, y.AsSpan((t * rows) + first, Math.Min(range, rows - first)), scratch);
        }

        return y;
    }

    /// <summary>Half a unit of the integers for every column, and a rounding or two of the result for every piece.</summary>
    private static void AssertNear(float[] weights, float[] x, float[] y, int tokens, int rows, int columns)
    {
        for (var i = 0; i < tokens * rows; i++)
        {
            var (t, r) = (i / rows, i % rows);
            var (sum, size, largest) = (0.0, 0.0, 0.0);
            for (var j = 0; j < columns; j++)
            {
                var (w, value) = ((double)weights[(r * columns) + j], (double)x[(t * columns) + j]);
                sum += w * value;
                size += Math.Abs(w);
                largest = Math.Max(largest, Math.Abs(value));
            }

            Numbers.AssertNear(sum, y[i], (size * largest * Math.Pow(2, -21)) + (columns * Numbers.Unit * size * largest), $"y[{t},{r}]");
        }
    }
}
