using System.Numerics.Tensors;

namespace BiMamba.Kernels;

/// <summary>
/// Sums of outer products of activation rows: h[i, j] += sum over t of x[t, i] * x[t, j], the matrix of second moments
/// that second-order quantizers start from (GPTQ, arXiv 2210.17323).
/// </summary>
/// <remarks>
/// The tokens are transposed once; then ranges of rows of h may be summed by different threads. Only the lower triangle
/// is written, diagonal included. Tokens go in panels of 256: a panel is summed in the order of <see cref="RowProduct"/>,
/// panels are added in turn, and their sum is added to h once. So bits depend on where calls cut the tokens, and on
/// nothing else.
/// </remarks>
public static class GramMatrix
{
    private const int PanelTokens = 256;
    private const int Tile = 48;

    // f32 of a cache line.
    private const int LineColumns = 16;

    /// <summary>The scratch length in f32 that <see cref="AddRows"/> needs.</summary>
    public const int ScratchLength = 2 * Tile * Tile;

    /// <summary>Transposes tokens into the form that <see cref="AddRows"/> reads.</summary>
    /// <param name="x">Activations [tokens, width].</param>
    /// <param name="transposed">tokens * width elements: panel after panel of 256 tokens, each [width, its tokens].</param>
    public static void Transpose(Rows x, Span<float> transposed)
    {
        Guard.Equal(transposed.Length, (long)x.Count * x.Width);
        for (var first = 0; first < x.Count; first += PanelTokens)
        {
            var count = Math.Min(PanelTokens, x.Count - first);
            var panel = transposed.Slice(first * x.Width, count * x.Width);
            for (var column = 0; column < x.Width; column += LineColumns)
                TransposeLines(x.Slice(first, count), column, Math.Min(LineColumns, x.Width - column), panel);
        }
    }

    /// <summary>A few columns of a panel: the lines that they are written to stay in the first-level cache until they are full.</summary>
    private static void TransposeLines(Rows x, int firstColumn, int columns, Span<float> panel)
    {
        for (var t = 0; t < x.Count; t++)
        {
            var row = x[t].Slice(firstColumn, columns);
            for (var column = 0; column < row.Length; column++)
                panel[((firstColumn + column) * x.Count) + t] = row[column];
        }
    }

    /// <summary>Adds to the rows <paramref name="firstRow"/> and following of the lower triangle.</summary>
    /// <param name="transposed">What <see cref="Transpose"/> wrote.</param>
    /// <param name="tokens">The number of tokens.</param>
    /// <param name="width">The width n of the tokens.</param>
    /// <param name="h">The rows firstRow to firstRow + rows - 1 of the matrix, [rows, n].</param>
    /// <param name="firstRow">The first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> elements, overwritten.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void AddRows(
        ReadOnlySpan<float> transposed, int tokens, int width, Span<float> h, int firstRow, int rows, Span<float> scratch)
    {
        Guard.Equal(transposed.Length, (long)tokens * width);
        Guard.Range(firstRow, rows, width);
        Guard.Equal(h.Length, (long)rows * width);
        Guard.AtLeast(scratch.Length, ScratchLength);
        for (var i = 0; i < rows; i += Tile)
        {
            var height = Math.Min(Tile, rows - i);
            var end = firstRow + i + height;
            for (var j = 0; j < end; j += Tile)
            {
                var across = Math.Min(Tile, end - j);
                var sum = scratch[..(height * across)];
                SumTile(transposed, tokens, width, firstRow + i, j, across, sum, scratch.Slice(Tile * Tile, height * across));
                AddLower(sum, h[(i * width)..], width, firstRow + i, j, across);
            }
        }
    }

    /// <summary>Copies the lower triangle to the upper, and multiplies all by <paramref name="factor"/>.</summary>
    /// <param name="h">The matrix [width, width].</param>
    /// <param name="width">Its width.</param>
    /// <param name="factor">2 / sequences for the Hessian of GPTQ, which is a mean over sequences, not tokens.</param>
    public static void Complete(Span<float> h, int width, float factor)
    {
        Guard.Equal(h.Length, (long)width * width);
        for (var i = 0; i < width; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var value = h[(i * width) + j] * factor;
                h[(i * width) + j] = value;
                h[(j * width) + i] = value;
            }
        }
    }

    private static void SumTile(
        ReadOnlySpan<float> transposed, int tokens, int width, int row, int column, int across, Span<float> sum, Span<float> part)
    {
        sum.Clear();
        var height = sum.Length / across;
        for (var first = 0; first < tokens; first += PanelTokens)
        {
            var count = Math.Min(PanelTokens, tokens - first);
            var panel = transposed.Slice(first * width, count * width);
            RowProduct.Multiply(
                new Rows(panel.Slice(row * count, height * count), height, count),
                panel.Slice(column * count, across * count),
                new MutableRows(part, height, across));
            TensorPrimitives.Add(sum, part, sum);
        }
    }

    private static void AddLower(ReadOnlySpan<float> sum, Span<float> h, int width, int row, int column, int across)
    {
        for (var i = 0; i < sum.Length / across; i++)
        {
            var count = Math.Min(across, row + i + 1 - column);
            if (count <= 0)
                continue;
            var target = h.Slice((i * width) + column, count);
            TensorPrimitives.Add(target, sum.Slice(i * across, count), target);
        }
    }
}
