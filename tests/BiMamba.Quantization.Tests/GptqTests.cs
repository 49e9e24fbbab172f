using BiMamba.Kernels;
using BiMamba.Passes.Gptq;
using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Quantization;

/// <summary>Facts about GPTQ and its parts that need no official outputs.</summary>
public sealed class GptqTests
{
    [Fact]
    public void A_rank_deficient_Hessian_raises_the_damping()
    {
        float[] hessian = [4, 8, 12, 8, 16, 24, 12, 24, 36];
        var factoring = HessianFactor.Create(hessian, 3, 0, actOrder: false, Layers.Threads(1));
        Assert.Equal([0.0], factoring.Failed);
        Assert.Equal(1e-4, factoring.Factor!.Damping);
        Assert.Equal(56.0 / 3, factoring.Factor.MeanDiagonal, 1e-12);
        Assert.Null(factoring.Reason);
    }

    [Fact]
    public void A_matrix_that_no_damping_mends_gives_a_reason()
    {
        float[] hessian = [1, 5, 5, 1];
        var factoring = HessianFactor.Create(hessian, 2, 0.01, actOrder: true, Layers.Threads(1));
        Assert.Null(factoring.Factor);
        Assert.Equal([0.01, 0.1, 1.0], factoring.Failed);
        Assert.Equal("not positive definite at column 0 with a damping of 1 times the mean of the diagonal", factoring.Reason);
        Assert.Equal([0.03, 0.3, 1.0], HessianFactor.Create(hessian, 2, 0.03, actOrder: false, Layers.Threads(1)).Failed.Select(fraction => Math.Round(fraction, 9)));
        Assert.Equal("the mean of the diagonal is NaN", HessianFactor.Create([float.NaN], 1, 0.01, actOrder: false, Layers.Threads(1)).Reason);
    }

    [Fact]
    public void Only_the_lower_triangle_in_coding_order_is_read()
    {
        // Act-order puts column 1 first: what it reads below the diagonal is H[0, 1].
        float[] hessian = [1, 0, 99, 2];
        var natural = HessianFactor.Create([1, 99, 0, 2], 2, 0, actOrder: false, Layers.Threads(1)).Factor!;
        var ordered = HessianFactor.Create(hessian, 2, 0, actOrder: true, Layers.Threads(1)).Factor!;
        Assert.Equal([1, 0, 0, 1 / MathF.Sqrt(2)], natural.U);
        Assert.Equal([1, 0], ordered.Order!);
        Assert.Equal([1 / MathF.Sqrt(2), 0, 0, 1], ordered.U);
    }

    [Fact]
    public void Equal_diagonals_keep_the_order_of_columns()
    {
        float[] hessian = [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3];
        Assert.Equal([1, 3, 0, 2], HessianFactor.Create(hessian, 4, 0.01, actOrder: true, Layers.Threads(1)).Factor!.Order!);
    }

    [Fact]
    public void A_dead_column_is_coded_as_zero_but_widens_the_row()
    {
        float[] hessian = [2, 0, 0, 0];
        var factor = HessianFactor.Create(hessian, 2, 0, actOrder: false, Layers.Threads(1)).Factor!;
        Assert.Equal([false, true], factor.Dead);
        Assert.Equal(1.5, factor.MeanDiagonal);
        var row = GptqQuantizer.Quantize([1, 3], 1, 2, factor, new GptqSettings(2, Symmetric: false), Layers.Threads(1));
        Assert.Equal([1f, 0f], row.Weight.Dequantize());
        Assert.Equal([1f], row.Weight.Scale);
        var group = GptqQuantizer.Quantize([1, 3], 1, 2, factor, new GptqSettings(2, Symmetric: false, Group: 2), Layers.Threads(1));
        Assert.Equal([1 / 3f], group.Weight.Scale);
    }

    [Fact]
    public void With_a_diagonal_Hessian_nothing_is_fed_back()
    {
        const int Rows = 5, Columns = 70;
        var weight = Random(Rows * Columns, 1);
        var hessian = new float[Columns * Columns];
        for (var i = 0; i < Columns; i++)
            hessian[(i * Columns) + i] = 1 + (i % 7);
        var nearest = RoundToNearest.Quantize(weight, Rows, Columns, new GridSettings(3, Symmetric: true), 16, Layers.Threads(1));
        foreach (var actOrder in new[] { false, true })
        {
            var factor = HessianFactor.Create(hessian, Columns, 0.01, actOrder, Layers.Threads(1)).Factor!;
            var settings = new GptqSettings(3, Symmetric: true, Group: 16, ActOrder: actOrder, StaticGroups: actOrder, Block: 32);
            var coded = GptqQuantizer.Quantize(weight, Rows, Columns, factor, settings, Layers.Threads(2)).Weight;
            Assert.Equal(nearest.Codes, coded.Codes);
            Assert.Equal(nearest.Scale, coded.Scale);
        }
    }

    [Fact]
    public void A_grid_holds_zero_and_codes_ties_to_even()
    {
        var zeros = MinMaxGrid.Find(new Rows([0, 0], 1, 2), new GridSettings(2, Symmetric: false));
        Assert.Equal(new MinMaxGrid(2 / 3f, 2, 3), zeros);
        var both = MinMaxGrid.Find(new Rows([1, 3], 1, 2), new GridSettings(2, Symmetric: true, BothSides: true));
        Assert.Equal((2f, 2f), (both.Scale, both.Zero));
        var positive = MinMaxGrid.Find(new Rows([1, 3], 1, 2), new GridSettings(2, Symmetric: true));
        Assert.Equal(new MinMaxGrid(1, 2, 3), positive);
        Assert.Equal([2, 2, 3, 3], new[] { 0.5f, -0.5f, 1.5f, 7f }.Select(weight => (int)positive.Code(weight)));
        var subnormal = MinMaxGrid.Find(new Rows([float.Epsilon], 1, 1), new GridSettings(8, Symmetric: false));
        Assert.True(subnormal.Scale > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(47)]
    [InlineData(48)]
    [InlineData(49)]
    [InlineData(150)]
    public void The_factor_inverts_at_every_edge_of_blocks(int size)
    {
        var x = Random(2 * size * size, size);
        var hessian = new float[size * size];
        GramMatrix.AddRows(Packed(new Rows(x, 2 * size, size)), 2 * size, size, hessian, 0, size, new float[GramMatrix.ScratchLength]);
        GramMatrix.Complete(hessian, size, 1);
        var factor = HessianFactor.Create(hessian, size, 0, actOrder: false, Layers.Threads(2)).Factor!;
        var u = Array.ConvertAll(factor.U, value => (double)value);
        var wide = Array.ConvertAll(hessian, value => (double)value);
        var half = new double[size * size];
        var identity = new double[size * size];
        DoubleProduct.Multiply(u, size, size, wide, size, size, size, half, size);
        DoubleProduct.Multiply(half, size, size, u, size, size, size, identity, size);
        for (var i = 0; i < identity.Length; i++)
            Assert.Equal(i / size == i % size ? 1 : 0, identity[i], 1e-4);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 3, 8)]
    [InlineData(9, 8, 263)]
    [InlineData(7, 5, 514)]
    public void Products_of_fp64_have_the_bits_of_their_scalar_form(int aRows, int bRows, int columns)
    {
        var a = Array.ConvertAll(Random(aRows * (columns + 3), 1), value => Math.Sqrt(2) * value);
        var b = Array.ConvertAll(Random(bRows * (columns + 1), 2), value => Math.Sqrt(3) * value);
        var y = new double[aRows * bRows];
        var scalar = new double[aRows * bRows];
        DoubleProduct.Multiply(a, aRows, columns + 3, b, bRows, columns + 1, columns, y, bRows);
        DoubleProduct.MultiplyScalar(a, aRows, columns + 3, b, bRows, columns + 1, columns, scalar, bRows);
        Assert.Equal(scalar, y);
    }

    [Fact]
    public void The_Gram_matrix_of_several_panels_is_the_sum_over_tokens()
    {
        const int Tokens = 600, Width = 101;
        var x = Random(Tokens * Width, 3);
        var h = new float[Width * Width];
        var packed = Packed(new Rows(x, Tokens, Width));
        GramMatrix.AddRows(packed, Tokens, Width, h.AsSpan(0, 48 * Width), 0, 48, new float[GramMatrix.ScratchLength]);
        GramMatrix.AddRows(packed, Tokens, Width, h.AsSpan(48 * Width), 48, 53, new float[GramMatrix.ScratchLength]);
        for (var i = 0; i < Width; i++)
        {
            for (var j = 0; j < Width; j++)
            {
                var sum = 0.0;
                for (var t = 0; t < Tokens && j <= i; t++)
                    sum += (double)x[(t * Width) + i] * x[(t * Width) + j];
                Assert.Equal(sum, h[(i * Width) + j], 1e-3);
            }
        }
    }

    private static float[] Packed(Rows x)
    {
        var packed = new float[GramMatrix.PackedLength(x.Count, x.Width)];
        for (var block = 0; block < GramMatrix.Blocks(x.Width); block++)
            Assert.True(GramMatrix.Pack(x, block, packed));
        return packed;
    }

    private static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = ((float)random.NextDouble() * 2) - 1;
        return values;
    }
}
