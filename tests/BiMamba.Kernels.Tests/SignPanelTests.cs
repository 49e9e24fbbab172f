namespace BiMamba.Kernels.Tests;

public class SignPanelTests
{
    public static TheoryData<int, int, int> Sizes()
    {
        var data = new TheoryData<int, int, int>();
        foreach (var tokens in new[] { 1, 4, 5, 8, 9, 12, 13, 29 })
        {
            foreach (var rows in new[] { 1, 16, 17, 33, 80 })
            {
                foreach (var columns in new[] { 1, 5, 30, 31, 32, 33, 64, 95, 96, 97, 128, 300 })
                    data.Add(tokens, rows, columns);
            }
        }

        data.Add(2, 48, 5000);
        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Vector_form_has_the_bits_of_the_scalar_form_and_both_are_near_the_exact_sum(int tokens, int rows, int columns)
    {
        var x = Numbers.Random(tokens * columns, 21);
        var scale = Numbers.Random(columns, 23);
        var signs = Numbers.Signs(rows * columns, 22);
        var tiles = SignProductTests.Pack(signs, rows, columns);
        var scalar = new float[tokens * rows];
        SignPanel.MultiplyScalar(tiles, rows, new Rows(x, tokens, columns), scale, 0, new MutableRows(scalar, tokens, rows));

        var stride = rows + 3;
        var vector = new float[((tokens - 1) * stride) + rows];
        var scratch = new float[SignPanel.ScratchLength(rows)];
        Array.Fill(scratch, float.NaN);
        SignPanel.Multiply(
            tiles, rows, new Rows(Numbers.Strided(x, tokens, columns, columns + 1), tokens, columns, columns + 1), scale, 0,
            new MutableRows(vector, tokens, rows, stride), scratch);
        Numbers.AssertSameBits(scalar, Numbers.Dense(vector, tokens, rows, stride));

        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < rows; r++)
            {
                double sum = 0, magnitude = 0;
                for (var j = 0; j < columns; j++)
                {
                    var term = x[(t * columns) + j] * scale[j];
                    sum += signs[(r * columns) + j] * (double)term;
                    magnitude += Math.Abs(term);
                }

                var roundings = (columns / 6) + 20;
                Numbers.AssertNear(sum, scalar[(t * rows) + r], roundings * Numbers.Unit * magnitude, $"y[{t},{r}]");
            }
        }
    }

    [Fact]
    public void A_range_of_row_blocks_and_a_token_alone_have_the_bits_of_the_whole()
    {
        const int Tokens = 13, Rows = 83, Columns = 700;
        var x = Numbers.Random(Tokens * Columns, 24);
        var tiles = SignProductTests.Pack(Numbers.Signs(Rows * Columns, 25), Rows, Columns);
        var whole = new float[Tokens * Rows];
        var scratch = new float[SignPanel.ScratchLength(Rows)];
        SignPanel.Multiply(tiles, Rows, new Rows(x, Tokens, Columns), [], 0, new MutableRows(whole, Tokens, Rows), scratch);
        var parts = new float[Tokens * Rows];
        foreach (var (first, end) in new[] { (0, 16), (16, 64), (64, Rows) })
        {
            for (var t = 0; t < Tokens; t++)
            {
                SignPanel.Multiply(
                    tiles, Rows, new Rows(x.AsSpan(t * Columns), 1, Columns), [], first / 16,
                    new MutableRows(parts.AsSpan((t * Rows) + first, end - first), 1, end - first), scratch);
            }
        }

        Numbers.AssertSameBits(whole, parts);
    }

    [Fact]
    public void Infinities_and_numbers_that_are_none_reach_the_sums()
    {
        const int Columns = 100;
        var tiles = SignProductTests.Pack(Numbers.Signs(16 * Columns, 26), 16, Columns);
        var x = Numbers.Random(2 * Columns, 27);
        x[31] = float.PositiveInfinity;
        x[Columns + 97] = float.NaN;
        var y = new float[2 * 16];
        SignPanel.Multiply(tiles, 16, new Rows(x, 2, Columns), [], 0, new MutableRows(y, 2, 16), new float[SignPanel.ScratchLength(16)]);
        Assert.All(y[..16], value => Assert.True(float.IsInfinity(value)));
        Assert.All(y[16..], value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void Rows_that_are_not_whole_blocks_are_refused()
    {
        var tiles = new byte[SignTiles.ByteLength(40, 32)];
        Assert.Throws<ArgumentException>(() => SignPanel.Multiply(
            tiles, 40, new Rows(new float[32], 1, 32), [], 0, new MutableRows(new float[20], 1, 20), new float[SignPanel.ScratchLength(20)]));
        Assert.Throws<ArgumentException>(() => SignPanel.Multiply(
            tiles, 40, new Rows(new float[32], 1, 32), new float[31], 0, new MutableRows(new float[40], 1, 40), new float[SignPanel.ScratchLength(40)]));
    }
}
