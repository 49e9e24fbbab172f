namespace BiMamba.Kernels.Tests;

public class ZeroTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 17, 33)]
    [InlineData(2, 40, 100)]
    public void Corrected_products_are_the_products_with_zeros(int tokens, int rows, int columns)
    {
        var x = Numbers.Random(tokens * columns, 21);
        var levels = Numbers.Random(columns, 22);
        var signs = Numbers.Signs(rows * columns, 23, zeroOneIn: 6);
        signs[^1] = 0;
        signs[0] = 0;
        var zeros = Enumerable.Range(0, signs.Length).Where(i => signs[i] == 0).Select(i => (uint)i).ToArray();
        var tiles = SignProductTests.Pack(signs, rows, columns);
        var mask = SignProductTests.Pack(signs.Select(s => s == 0 ? (sbyte)1 : (sbyte)-1).ToArray(), rows, columns);
        foreach (var z in new[] { [], levels })
        {
            var activations = new Rows(x, tokens, columns);
            var y = new float[tokens * rows];
            SignProduct.MultiplyScalar(tiles, rows, activations, 0, new MutableRows(y, tokens, rows));
            var (list, bitmap, scalar) = ((float[])y.Clone(), (float[])y.Clone(), (float[])y.Clone());
            ZeroList.Apply(zeros, 0, activations, z, new MutableRows(list, tokens, rows));
            ZeroBitmap.Apply(mask, rows, 0, activations, z, new MutableRows(bitmap, tokens, rows));
            ZeroBitmap.ApplyScalar(mask, rows, 0, activations, z, new MutableRows(scalar, tokens, rows));
            Numbers.AssertSameBits(list, scalar);
            Numbers.AssertSameBits(list, bitmap);
            AssertExact(signs, x, z, list, tokens, rows, columns);
        }
    }

    [Fact]
    public void A_range_of_rows_takes_its_zeros_only()
    {
        const int Rows = 40, Columns = 7;
        uint[] zeros = [0, 6, 112, 118, 223, 224, 279];
        var x = Numbers.Random(Columns, 24);
        var whole = new float[Rows];
        ZeroList.Apply(zeros, 0, new Rows(x, 1, Columns), [], new MutableRows(whole, 1, Rows));
        Assert.Equal([0, 16, 31, 32, 39], Enumerable.Range(0, Rows).Where(i => whole[i] != 0));
        var parts = new float[Rows];
        ZeroList.Apply(zeros, 0, new Rows(x, 1, Columns), [], new MutableRows(parts.AsSpan(0, 16), 1, 16));
        ZeroList.Apply(zeros, 16, new Rows(x, 1, Columns), [], new MutableRows(parts.AsSpan(16), 1, 24));
        Numbers.AssertSameBits(whole, parts);
    }

    private static void AssertExact(
        sbyte[] signs, float[] x, float[] levels, float[] y, int tokens, int rows, int columns)
    {
        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < rows; r++)
            {
                double sum = 0, magnitude = 0;
                for (var j = 0; j < columns; j++)
                {
                    double sign = signs[(r * columns) + j];
                    if (sign == 0 && levels.Length > 0)
                        sign = levels[j];
                    sum += sign * x[(t * columns) + j];
                    magnitude += 3 * Math.Abs(x[(t * columns) + j]);
                }

                Numbers.AssertNear(sum, y[(t * rows) + r], (columns + 4) * Numbers.Unit * magnitude, $"y[{t},{r}]");
            }
        }
    }
}
