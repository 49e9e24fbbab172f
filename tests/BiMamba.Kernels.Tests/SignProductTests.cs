using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels.Tests;

public class SignProductTests
{
    public static TheoryData<int, int, int> Sizes()
    {
        var data = new TheoryData<int, int, int>();
        foreach (var tokens in new[] { 1, 3, 4, 7, 8, 13, 17 })
        {
            foreach (var rows in new[] { 1, 16, 17, 33, 80 })
            {
                foreach (var columns in new[] { 1, 3, 15, 31, 32, 33, 300 })
                    data.Add(tokens, rows, columns);
            }
        }

        data.Add(2, 48, 5000);
        return data;
    }

    internal static byte[] Pack(ReadOnlySpan<sbyte> signs, int rows, int columns)
    {
        var tiles = new byte[SignTiles.ByteLength(rows, columns)];
        var blockBytes = (int)SignTiles.BlockBytes(columns);
        for (var block = 0; block < SignTiles.RowBlocks(rows); block++)
        {
            var count = Math.Min(16, rows - (block * 16));
            SignTiles.PackBlock(
                signs.Slice(block * 16 * columns, count * columns), count, columns, tiles.AsSpan(block * blockBytes, blockBytes), []);
        }

        return tiles;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Vector_form_has_the_bits_of_the_scalar_form_and_both_are_near_the_exact_sum(int tokens, int rows, int columns)
    {
        var x = Numbers.Random(tokens * columns, 11);
        var signs = Numbers.Signs(rows * columns, 12);
        var tiles = Pack(signs, rows, columns);
        var scalar = new float[tokens * rows];
        SignProduct.MultiplyScalar(tiles, rows, new Rows(x, tokens, columns), 0, new MutableRows(scalar, tokens, rows));

        var stride = rows + 3;
        var vector = new float[((tokens - 1) * stride) + rows];
        var scratch = new float[SignProduct.ScratchLength(tokens, columns)];
        Array.Fill(scratch, float.NaN);
        SignProduct.Multiply(
            tiles, rows, new Rows(Numbers.Strided(x, tokens, columns, columns + 1), tokens, columns, columns + 1), 0,
            new MutableRows(vector, tokens, rows, stride), scratch);
        Numbers.AssertSameBits(scalar, Numbers.Dense(vector, tokens, rows, stride));

        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < rows; r++)
            {
                double sum = 0, magnitude = 0;
                for (var j = 0; j < columns; j++)
                {
                    sum += signs[(r * columns) + j] * (double)x[(t * columns) + j];
                    magnitude += Math.Abs(x[(t * columns) + j]);
                }

                var roundings = ((columns + 3) / 4) + 3;
                Numbers.AssertNear(sum, scalar[(t * rows) + r], roundings * Numbers.Unit * magnitude, $"y[{t},{r}]");
            }
        }
    }

    [Fact]
    public void A_range_of_row_blocks_and_a_token_alone_have_the_bits_of_the_whole()
    {
        const int Tokens = 13, Rows = 83, Columns = 700;
        var x = Numbers.Random(Tokens * Columns, 13);
        var tiles = Pack(Numbers.Signs(Rows * Columns, 14), Rows, Columns);
        var whole = new float[Tokens * Rows];
        var scratch = new float[SignProduct.ScratchLength(Tokens, Columns)];
        SignProduct.Multiply(tiles, Rows, new Rows(x, Tokens, Columns), 0, new MutableRows(whole, Tokens, Rows), scratch);
        var parts = new float[Tokens * Rows];
        foreach (var (first, end) in new[] { (0, 16), (16, 64), (64, Rows) })
        {
            for (var t = 0; t < Tokens; t++)
            {
                SignProduct.Multiply(
                    tiles, Rows, new Rows(x.AsSpan(t * Columns), 1, Columns), first / 16,
                    new MutableRows(parts.AsSpan((t * Rows) + first, end - first), 1, end - first), scratch);
            }
        }

        Numbers.AssertSameBits(whole, parts);
    }

    [Fact]
    public void Every_lookup_form_has_the_same_bits()
    {
        const int Tokens = 8, Rows = 45, Columns = 150;
        var x = Numbers.Random(Tokens * Columns, 15);
        x[Columns + 4] = float.PositiveInfinity;
        x[(3 * Columns) + 9] = float.NaN;
        var tiles = Pack(Numbers.Signs(Rows * Columns, 16), Rows, Columns);
        var columnTiles = SignTiles.ColumnTiles(Columns);
        foreach (var tokens in new[] { 1, 2, 4, 5, 8 })
        {
            var rows = new Rows(x.AsSpan(0, tokens * Columns), tokens, Columns);
            var tables = new float[SignProduct.TableLength(tokens, columnTiles)];
            SignProduct.BuildTables(rows, 0, columnTiles, tables);
            var plain = new float[tables.Length];
            SignProduct.BuildTablesScalar(rows, 0, columnTiles, plain);
            Numbers.AssertSameBits(plain, tables);

            var expected = new float[tokens * Rows];
            SignProduct.MultiplyScalar(tiles, Rows, rows, 0, new MutableRows(expected, tokens, Rows));
            var y = new float[tokens * Rows];
            SignProduct.AccumulatePortable<float>(tiles, columnTiles, 0, columnTiles, tables, 0, new SignProduct.Sums<float>(y, tokens, Rows, Rows, carry: false));
            Numbers.AssertSameBits(expected, y);
            if (Avx2.IsSupported)
            {
                Array.Clear(y);
                SignProduct.AccumulateAvx2(tiles, columnTiles, 0, columnTiles, tables, 0, new MutableRows(y, tokens, Rows));
                Numbers.AssertSameBits(expected, y);
            }

            // The forms of AVX-512 run in software where need be, but they prefetch.
            if (Sse.IsSupported)
            {
                Array.Clear(y);
                SignProduct.AccumulateWide<float>(tiles, columnTiles, 0, columnTiles, tables, 0, new SignProduct.Sums<float>(y, tokens, Rows, Rows, carry: false));
                Numbers.AssertSameBits(expected, y);
            }
        }
    }

    [Fact]
    public void Rows_that_are_not_whole_blocks_are_refused()
    {
        var tiles = new byte[SignTiles.ByteLength(40, 32)];
        Assert.Throws<ArgumentException>(() => SignProduct.Multiply(
            tiles, 40, new Rows(new float[32], 1, 32), 0, new MutableRows(new float[20], 1, 20), new float[8192]));
        Assert.Throws<ArgumentException>(() => SignProduct.Multiply(
            tiles, 40, new Rows(new float[32], 1, 32), 2, new MutableRows(new float[16], 1, 16), new float[8192]));
        Assert.Throws<ArgumentException>(() => SignProduct.Multiply(
            tiles, 40, new Rows(new float[32], 1, 32), 0, new MutableRows(new float[16], 1, 16), []));
        SignProduct.Multiply(
            tiles, 40, new Rows(new float[32], 1, 32), 2, new MutableRows(new float[8], 1, 8), new float[8192]);
    }
}
