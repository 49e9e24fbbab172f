namespace BiMamba.Kernels.Tests;

public class RowProductTests
{
    public static TheoryData<int, int, int> Sizes()
    {
        var data = new TheoryData<int, int, int>();
        foreach (var tokens in new[] { 1, 3, 4, 15, 17, 33 })
        {
            foreach (var rows in new[] { 1, 3, 4, 17 })
            {
                foreach (var columns in new[] { 0, 1, 3, 15, 16, 17, 31, 33, 192 })
                    data.Add(tokens, rows, columns);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Vector_form_has_the_bits_of_the_scalar_form_and_both_are_near_the_exact_sum(int tokens, int rows, int columns)
    {
        var x = Numbers.Random(tokens * columns, 1);
        var w = Numbers.Random(rows * columns, 2);
        var (strided, stride) = (Numbers.Strided(x, tokens, columns, columns + 3), columns + 3);
        var scalar = new float[tokens * rows];
        RowProduct.MultiplyScalar(new Rows(x, tokens, columns), w, new MutableRows(scalar, tokens, rows));
        var vector = new float[((tokens - 1) * (rows + 5)) + rows];
        RowProduct.Multiply(
            new Rows(strided, tokens, columns, stride), w, new MutableRows(vector, tokens, rows, rows + 5));
        Numbers.AssertSameBits(scalar, Numbers.Dense(vector, tokens, rows, rows + 5));

        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < rows; r++)
            {
                double sum = 0, magnitude = 0;
                for (var k = 0; k < columns; k++)
                {
                    var product = (double)x[(t * columns) + k] * w[(r * columns) + k];
                    sum += product;
                    magnitude += Math.Abs(product);
                }

                var roundings = ((columns + 15) / 16) + 4;
                Numbers.AssertNear(sum, scalar[(t * rows) + r], roundings * Numbers.Unit * magnitude, $"y[{t},{r}]");
            }
        }
    }

    [Theory]
    [InlineData(63, 5, 20)]
    [InlineData(64, 4, 16)]
    [InlineData(65, 1, 7)]
    [InlineData(73, 17, 400)]
    [InlineData(77, 21, 789)]
    [InlineData(96, 32, 384)]
    [InlineData(64, 3, 0)]
    public void Packed_weights_give_the_bits_of_the_scalar_form(int tokens, int rows, int columns)
    {
        var (stride, yStride) = (columns + 5, rows + 3);
        var x = new Rows(Numbers.Strided(Numbers.Random(tokens * columns, 7), tokens, columns, stride), tokens, columns, stride);
        var w = Numbers.Random(rows * columns, 8);
        var (scalar, packed) = (new float[tokens * rows], new float[tokens * yStride]);
        var scratch = new float[RowProduct.ScratchLength(tokens, rows, columns)];
        Array.Fill(scratch, float.NaN);
        Array.Fill(packed, 7f);
        RowProduct.MultiplyScalar(x, w, new MutableRows(scalar, tokens, rows));
        RowProduct.Multiply(x, w, new MutableRows(packed, tokens, rows, yStride), scratch);
        Numbers.AssertSameBits(scalar, Numbers.Dense(packed, tokens, rows, yStride));
        Assert.All(packed.Where((_, i) => i % yStride >= rows), gap => Assert.Equal(7f, gap));
        if (scratch.Length > 0)
            Assert.Throws<ArgumentException>(() => RowProduct.Multiply(new Rows(new float[tokens * columns], tokens, columns), w, new MutableRows(packed, tokens, rows), scratch.AsSpan(1)));
    }

    [Fact]
    public void A_token_alone_and_a_row_alone_have_the_bits_they_have_together()
    {
        const int Tokens = 37, Rows = 11, Columns = 205;
        var x = Numbers.Random(Tokens * Columns, 3);
        var w = Numbers.Random(Rows * Columns, 4);
        var together = new float[Tokens * Rows];
        RowProduct.Multiply(new Rows(x, Tokens, Columns), w, new MutableRows(together, Tokens, Rows));
        var alone = new float[1];
        for (var t = 0; t < Tokens; t++)
        {
            for (var r = 0; r < Rows; r++)
            {
                RowProduct.Multiply(
                    new Rows(x.AsSpan(t * Columns, Columns), 1, Columns), w.AsSpan(r * Columns, Columns), new MutableRows(alone, 1, 1));
                Numbers.AssertSameBits(together.AsSpan((t * Rows) + r, 1), alone);
            }
        }
    }

    [Fact]
    public void Not_a_number_and_infinity_reach_only_their_token()
    {
        const int Tokens = 6, Rows = 5, Columns = 19;
        var x = Numbers.Random(Tokens * Columns, 5);
        x[Columns + 18] = float.NaN;
        x[(4 * Columns) + 3] = float.PositiveInfinity;
        var w = Numbers.Random(Rows * Columns, 6);
        var y = new float[Tokens * Rows];
        RowProduct.Multiply(new Rows(x, Tokens, Columns), w, new MutableRows(y, Tokens, Rows));
        for (var i = 0; i < y.Length; i++)
        {
            Assert.Equal(i / Rows == 1, float.IsNaN(y[i]));
            Assert.Equal(i / Rows == 4, float.IsInfinity(y[i]));
        }
    }

    [Fact]
    public void Lengths_are_checked()
    {
        Assert.Throws<ArgumentException>(() => new Rows(new float[5], 2, 3));
        Assert.Throws<ArgumentException>(() => new Rows(new float[9], 2, 3, 2));
        Assert.Throws<ArgumentException>(
            () => RowProduct.Multiply(new Rows(new float[6], 2, 3), new float[5], new MutableRows(new float[4], 2, 2)));
        Assert.Throws<ArgumentException>(
            () => RowProduct.Multiply(new Rows(new float[6], 2, 3), new float[6], new MutableRows(new float[2], 1, 2)));
    }
}
