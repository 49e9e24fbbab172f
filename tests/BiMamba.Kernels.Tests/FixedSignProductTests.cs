using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels.Tests;

public class FixedSignProductTests
{
    public static TheoryData<int, int, int> Sizes()
    {
        var data = new TheoryData<int, int, int>();
        foreach (var tokens in new[] { 1, 4, 5, 8, 13, 24, 29 })
        {
            foreach (var rows in new[] { 1, 16, 17, 33, 80, 97, 128, 145, 272 })
            {
                foreach (var columns in new[] { 1, 5, 31, 32, 33, 97, 300 })
                    data.Add(tokens, rows, columns);
            }
        }

        foreach (var columns in new[] { 480, 511, 512, 513, 545, 1536, 5000 })
            data.Add(2, 144, columns);
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
        FixedSignProduct.MultiplyScalar(tiles, rows, new Rows(x, tokens, columns), scale, 0, new MutableRows(scalar, tokens, rows));

        var stride = rows + 3;
        var vector = new float[((tokens - 1) * stride) + rows];
        var scratch = new float[FixedSignProduct.ScratchLength(rows)];
        Array.Fill(scratch, float.NaN);
        FixedSignProduct.Multiply(
            tiles, rows, new Rows(Numbers.Strided(x, tokens, columns, columns + 1), tokens, columns, columns + 1), scale, 0,
            new MutableRows(vector, tokens, rows, stride), scratch);
        Numbers.AssertSameBits(scalar, Numbers.Dense(vector, tokens, rows, stride));

        for (var t = 0; t < tokens; t++)
        {
            var terms = Enumerable.Range(0, columns).Select(j => (double)(x[(t * columns) + j] * scale[j])).ToArray();
            var bound = Bound(terms);
            for (var r = 0; r < rows; r++)
            {
                var sum = terms.Select((term, j) => signs[(r * columns) + j] * term).Sum();
                Numbers.AssertNear(sum, scalar[(t * rows) + r], bound, $"y[{t},{r}]");
            }
        }
    }

    [Theory]
    [InlineData(1, 64, 48)]
    [InlineData(16, 800, 48)]
    [InlineData(130, 2000, 48)]
    [InlineData(300, 700, 160)]
    [InlineData(545, 1100, 560)]
    public void A_token_alone_has_the_bits_that_it_has_among_others_and_in_ranges_of_row_blocks(int rows, int columns, int range)
    {
        const int Tokens = 26;
        var x = Numbers.Random(Tokens * columns, 24);
        var tiles = SignProductTests.Pack(Numbers.Signs(rows * columns, 25), rows, columns);
        var whole = new float[Tokens * rows];
        FixedSignProduct.Multiply(
            tiles, rows, new Rows(x, Tokens, columns), [], 0, new MutableRows(whole, Tokens, rows), new float[FixedSignProduct.ScratchLength(rows)]);
        var parts = new float[Tokens * rows];
        var tables = new float[FixedSignProduct.TableLength(columns)];
        var scratch = new float[FixedSignProduct.TokenScratchLength(rows)];
        for (var t = 0; t < Tokens; t++)
        {
            FixedSignProduct.BuildTables(x.AsSpan(t * columns, columns), [], tables);
            for (var first = 0; first < rows; first += range)
                FixedSignProduct.Accumulate(tiles, columns, tables, first / 16, parts.AsSpan((t * rows) + first, Math.Min(range, rows - first)), scratch);
        }

        Numbers.AssertSameBits(whole, parts);
        var panel = new float[FixedSignProduct.ScratchLength(range)];
        for (var first = 0; first < rows; first += range)
        {
            var count = Math.Min(range, rows - first);
            FixedSignProduct.Multiply(tiles, rows, new Rows(x, Tokens, columns), [], first / 16, new MutableRows(parts.AsSpan(first), Tokens, count, rows), panel);
        }

        Numbers.AssertSameBits(whole, parts);
    }

    [Theory]
    [InlineData(1e-44f)]
    [InlineData(3e-39f)]
    [InlineData(1e-30f)]
    [InlineData(1f)]
    [InlineData(0.99999994f)]
    [InlineData(1e30f)]
    public void Activations_of_any_size_keep_their_bits_and_are_near_the_exact_sum(float size)
    {
        const int Columns = 801;
        var signs = Numbers.Signs(16 * Columns, 28);
        var tiles = SignProductTests.Pack(signs, 16, Columns);
        var x = Numbers.Random(Columns, 29, 1f).Select(value => value * size).ToArray();
        x[5] = size;
        x[6] = -size;
        var (scalar, vector) = (new float[16], new float[16]);
        FixedSignProduct.MultiplyScalar(tiles, 16, new Rows(x, 1, Columns), [], 0, new MutableRows(scalar, 1, 16));
        FixedSignProduct.Multiply(tiles, 16, new Rows(x, 1, Columns), [], 0, new MutableRows(vector, 1, 16), new float[FixedSignProduct.ScratchLength(16)]);
        Numbers.AssertSameBits(scalar, vector);
        var bound = Bound([.. x.Select(value => (double)value)]);
        for (var r = 0; r < 16; r++)
        {
            var sum = x.Select((value, j) => signs[(r * Columns) + j] * (double)value).Sum();
            Numbers.AssertNear(sum, scalar[r], bound, $"y[{r}]");
        }
    }

    [Fact]
    public void Infinities_and_numbers_that_are_none_make_results_none()
    {
        const int Columns = 900;
        var tiles = SignProductTests.Pack(Numbers.Signs(16 * Columns, 26), 16, Columns);
        var x = Numbers.Random(2 * Columns, 27);
        x[31] = float.PositiveInfinity;
        x[Columns + 897] = float.NaN;
        var y = new float[2 * 16];
        FixedSignProduct.Multiply(tiles, 16, new Rows(x, 2, Columns), [], 0, new MutableRows(y, 2, 16), new float[FixedSignProduct.ScratchLength(16)]);
        Assert.All(y, value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void Rows_that_are_not_whole_blocks_are_refused()
    {
        var tiles = new byte[SignTiles.ByteLength(40, 32)];
        var scratch = new float[FixedSignProduct.ScratchLength(40)];
        Assert.Throws<ArgumentException>(() => FixedSignProduct.Multiply(tiles, 40, new Rows(new float[32], 1, 32), [], 0, new MutableRows(new float[20], 1, 20), scratch));
        Assert.Throws<ArgumentException>(() => FixedSignProduct.Multiply(tiles, 40, new Rows(new float[32], 1, 32), new float[31], 0, new MutableRows(new float[40], 1, 40), scratch));
    }

    /// <summary>The forms of AVX-512 run everywhere, in software where need be, as their integers are exact.</summary>
    [Theory]
    [InlineData(8, 144, 300)]
    [InlineData(4, 33, 800)]
    [InlineData(1, 272, 96)]
    [InlineData(3, 48, 64)]
    public void Wide_forms_add_the_integers_of_the_portable_form(int tokens, int rows, int columns)
    {
        Assert.SkipUnless(Sse.IsSupported, "the wide forms prefetch, which this processor has no instruction for");
        var tiles = SignProductTests.Pack(Numbers.Signs(rows * columns, 30), rows, columns);
        var columnTiles = SignTiles.ColumnTiles(columns);
        var random = new Random(31);
        var tables = Enumerable.Range(0, SignProduct.TableLength(tokens, columnTiles)).Select(_ => random.Next(-(1 << 23), 1 << 23)).ToArray();
        var (wide, portable) = (new int[tokens * rows], new int[tokens * rows]);
        for (var tile = 0; tile < columnTiles; tile += 2)
        {
            var count = Math.Min(2, columnTiles - tile);
            var part = tables.AsSpan(SignProduct.TableLength(tokens, tile), SignProduct.TableLength(tokens, count));
            SignProduct.AccumulateWide<int>(tiles, columnTiles, tile, count, part, 0, new SignProduct.Sums<int>(wide, tokens, rows, rows, tile != 0));
            SignProduct.AccumulatePortable<int>(tiles, columnTiles, tile, count, part, 0, new SignProduct.Sums<int>(portable, tokens, rows, rows, tile != 0));
        }

        Assert.Equal(portable, wide);
    }

    /// <summary>Half a unit of the integers for every column, and a rounding or two of the result for every chunk.</summary>
    private static double Bound(double[] terms)
    {
        var bound = 0.0;
        foreach (var chunk in terms.Chunk(FixedSignProduct.ChunkColumns))
        {
            var largest = chunk.Max(Math.Abs);
            bound += (chunk.Length * Math.Max(largest * Math.Pow(2, -21), Math.Pow(2, -121))) + (3 * Numbers.Unit * chunk.Sum(Math.Abs));
        }

        return bound;
    }
}
