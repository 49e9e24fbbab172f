namespace BiMamba.Kernels.Tests;

public class GramMatrixTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(256)]
    public void A_panel_of_blocks_has_the_bits_of_the_scalar_form(int tokens)
    {
        var rows = Numbers.Random(tokens * GramMatrix.BlockColumns, 1);
        var columns = Numbers.Random(tokens * GramMatrix.BlockColumns, 2);
        var scalar = Numbers.Random(GramMatrix.ScratchLength, 3);
        var vector = (float[])scalar.Clone();
        GramMatrix.AddPanelScalar(rows, columns, scalar);
        GramMatrix.AddPanel(rows, columns, vector);
        Numbers.AssertSameBits(scalar, vector);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 47)]
    [InlineData(255, 48)]
    [InlineData(257, 49)]
    [InlineData(600, 101)]
    public void The_lower_triangle_is_the_sum_over_tokens(int tokens, int width)
    {
        var stride = width + 3;
        var x = Numbers.Strided(Numbers.Random(tokens * width, tokens), tokens, width, stride);
        var packed = new float[GramMatrix.PackedLength(tokens, width)];
        for (var block = 0; block < GramMatrix.Blocks(width); block++)
            Assert.True(GramMatrix.Pack(new Rows(x, tokens, width, stride), block, packed));
        var h = new float[width * width];
        for (var row = 0; row < width; row += GramMatrix.BlockColumns)
        {
            var rows = Math.Min(GramMatrix.BlockColumns, width - row);
            GramMatrix.AddRows(packed, tokens, width, h.AsSpan(row * width, rows * width), row, rows, new float[GramMatrix.ScratchLength]);
        }

        for (var i = 0; i < width; i++)
        {
            for (var j = 0; j < width; j++)
            {
                double sum = 0, magnitude = 0;
                for (var t = 0; t < tokens && j <= i; t++)
                {
                    var product = (double)x[(t * stride) + i] * x[(t * stride) + j];
                    sum += product;
                    magnitude += Math.Abs(product);
                }

                Numbers.AssertNear(sum, h[(i * width) + j], 260 * Numbers.Unit * magnitude, $"h[{i},{j}]");
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_is_told_by_its_block(float value)
    {
        const int Tokens = 300, Width = 100;
        var x = Numbers.Random(Tokens * Width, 1);
        x[(299 * Width) + 50] = value;
        var packed = new float[GramMatrix.PackedLength(Tokens, Width)];
        Assert.Equal([true, false, true], Enumerable.Range(0, GramMatrix.Blocks(Width)).Select(block => GramMatrix.Pack(new Rows(x, Tokens, Width), block, packed)));
    }
}
