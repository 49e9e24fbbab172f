using System.Runtime.InteropServices;

namespace BiMamba.Kernels;

/// <summary>
/// The product of activation rows with codes, y[t, r] = sum over j of scale[r, g] * (code[r, j] - zero[r, g]) * x[t, j] with g the
/// group of column j, by exact sums of integers: codes are laid out by <see cref="CodePlanes"/>.
/// </summary>
/// <remarks>
/// Definition: columns go in chunks of 512, in which activations are rounded to integers q of 22 bits that are worth 2^-s each, as
/// <see cref="FixedSignProduct"/> defines. A piece is what a chunk and a group have in common. Of a piece I is the sum of code * q,
/// X that of q, and I - zero * X, which 64 bits hold and f64 too, is rounded to f32 once. It is multiplied by the f32 product
/// scale * 2^-s and added to y, from +0 in ascending order of the pieces, by fused multiply-add. A chunk with an infinity or a NaN
/// makes y NaN.
/// So the bits of y do not depend on the order in which a piece is summed up. Many tokens multiply pairs of codes and of halves of q
/// by 16-bit products. One token looks partial sums of q up by the nibbles of a plane, as <see cref="FixedSignProduct"/> does: a bit
/// is half of its sign and 1. Where groups are not whole tiles one token goes the way of many.
/// </remarks>
public static partial class FixedCodeProduct
{
    /// <summary>Rows that a call for one token computes at once: of an odd multiple of 16 the last are computed twice.</summary>
    public const int RowGrain = FixedSignProduct.RowGrain;

    /// <summary>Tokens that one walk over the planes serves at most.</summary>
    public const int TileTokens = 48;

    private const int ChunkColumns = FixedSignProduct.ChunkColumns;

    /// <summary>Elements of f32 that <see cref="Multiply"/> needs.</summary>
    /// <param name="columns">The columns of the codes.</param>
    /// <param name="group">The columns of a group, or 0 for whole rows.</param>
    public static int ScratchLength(int columns, int group) => new Layout(columns, group, TileTokens).Length;

    /// <summary>Elements of f32 that <see cref="BuildTables"/> needs for a token.</summary>
    /// <param name="columns">The columns of the codes.</param>
    /// <param name="group">The columns of a group, or 0 for whole rows.</param>
    public static int TableLength(int columns, int group)
    {
        var pieces = new Pieces(columns, group);
        return checked(FixedSignProduct.TableLength(columns) + FixedSignProduct.WholeLines(pieces.Count(0, columns)));
    }

    /// <summary>Elements of f32 that <see cref="Accumulate"/> needs.</summary>
    /// <param name="columns">The columns of the codes.</param>
    /// <param name="group">The columns of a group, or 0 for whole rows.</param>
    public static int TokenScratchLength(int columns, int group) =>
        new Pieces(columns, group).AreTiles ? 0 : new Layout(columns, group, 1).Length;

    /// <summary>Writes y[t, r - 16 firstBlock] for the rows of a range of row blocks.</summary>
    /// <param name="planes">All planes, <see cref="CodePlanes.ByteLength"/> bytes.</param>
    /// <param name="bits">The bits of a code.</param>
    /// <param name="rows">The rows of the codes.</param>
    /// <param name="x">Activations [tokens, columns of the codes].</param>
    /// <param name="scales">Scales and zeros of the codes.</param>
    /// <param name="firstBlock">The first row block to compute.</param>
    /// <param name="y">
    /// Results [tokens, width], not overlapping the inputs; the width is a multiple of 16, or reaches to the last row.
    /// </param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> elements, overwritten; fastest where it begins at a cache line.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Multiply(
        ReadOnlySpan<byte> planes, int bits, int rows, Rows x, CodeScales scales, int firstBlock, MutableRows y, Span<float> scratch)
    {
        Check(planes.Length, bits, rows, x, scales, firstBlock, y);
        Guard.AtLeast(scratch.Length, ScratchLength(x.Width, scales.Group));
        MultiplyPanels(planes, bits, x, scales, firstBlock, y, scratch, new Layout(x.Width, scales.Group, TileTokens));
    }

    /// <summary>The scalar form of <see cref="Multiply"/>, equal to it in every bit.</summary>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void MultiplyScalar(
        ReadOnlySpan<byte> planes, int bits, int rows, Rows x, CodeScales scales, int firstBlock, MutableRows y)
    {
        Check(planes.Length, bits, rows, x, scales, firstBlock, y);
        Span<float> values = stackalloc float[ChunkColumns];
        var pieces = new Pieces(x.Width, scales.Group);
        SignProduct.Clear(y);
        for (var t = 0; t < x.Count; t++)
        {
            for (int column = 0, end; column < x.Width; column = end)
            {
                end = pieces.End(column);
                var chunk = column / ChunkColumns * ChunkColumns;
                var unit = FixedSignProduct.RoundScalar(x[t], [], chunk, values);
                for (var r = 0; r < y.Width; r++)
                {
                    var row = (firstBlock * SignTiles.TileRows) + r;
                    var index = scales.Index(row, column / scales.GroupColumns);
                    var (zero, sum) = (scales.ZeroAt(index, bits), 0L);
                    for (var j = column; j < end; j++)
                        sum += (CodePlanes.Code(planes, bits, row, j, x.Width) - zero) * (long)values[j - chunk];
                    y[t][r] = MathF.FusedMultiplyAdd(sum, scales.Scale[index] * unit, y[t][r]);
                }
            }
        }
    }

    /// <summary>Makes the tables of one token over all columns, which threads that share its rows may then read.</summary>
    /// <param name="x">[columns].</param>
    /// <param name="group">The columns of a group, or 0 for whole rows.</param>
    /// <param name="tables">At least <see cref="TableLength"/> elements.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void BuildTables(ReadOnlySpan<float> x, int group, Span<float> tables)
    {
        Guard.AtLeast(tables.Length, TableLength(x.Length, group));
        var pieces = new Pieces(x.Length, group);
        if (!pieces.AreTiles)
        {
            x.CopyTo(tables);
            return;
        }

        FixedSignProduct.BuildTables(x, [], tables);
        var sums = MemoryMarshal.Cast<float, int>(tables[FixedSignProduct.TableLength(x.Length)..]);
        Span<float> values = stackalloc float[ChunkColumns];
        var piece = 0;
        for (int column = 0, end; column < x.Length; column = end)
        {
            end = pieces.End(column);
            if (column % ChunkColumns == 0)
                FixedSignProduct.Round(x, [], column, values);
            sums[piece++] = Sum(values[(column % ChunkColumns)..(((end - 1) % ChunkColumns) + 1)]);
        }
    }

    /// <summary>Writes y[r - 16 firstBlock] of one token for the rows of a range of row blocks, with the bits of <see cref="Multiply"/>.</summary>
    /// <param name="planes">All planes, <see cref="CodePlanes.ByteLength"/> bytes.</param>
    /// <param name="bits">The bits of a code.</param>
    /// <param name="rows">The rows of the codes.</param>
    /// <param name="tables">What <see cref="BuildTables"/> has made for the columns and the group of <paramref name="scales"/>.</param>
    /// <param name="scales">Scales and zeros of the codes.</param>
    /// <param name="firstBlock">The first row block to compute.</param>
    /// <param name="y">Results, of rows of the codes; a multiple of 16, or to the last row.</param>
    /// <param name="scratch">At least <see cref="TokenScratchLength"/> elements, overwritten.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Accumulate(
        ReadOnlySpan<byte> planes, int bits, int rows, ReadOnlySpan<float> tables, CodeScales scales, int firstBlock, Span<float> y,
        Span<float> scratch)
    {
        var columns = scales.Columns;
        Guard.AtLeast(tables.Length, TableLength(columns, scales.Group));
        Guard.AtLeast(scratch.Length, TokenScratchLength(columns, scales.Group));
        var x = new Rows(tables, 1, columns);
        var outputs = new MutableRows(y, 1, y.Length);
        Check(planes.Length, bits, rows, x, scales, firstBlock, outputs);
        if (!new Pieces(columns, scales.Group).AreTiles)
            MultiplyPanels(planes, bits, x, scales, firstBlock, outputs, scratch, new Layout(columns, scales.Group, 1));
        else if (FixedSignProduct.LooksUpBytes)
            StreamBytes(planes, bits, tables, scales, firstBlock, y);
        else
            StreamWords(planes, bits, tables, scales, firstBlock, y);
    }

    private static void Check(int bytes, int bits, int rows, Rows x, CodeScales scales, int firstBlock, MutableRows y)
    {
        CodePlanes.Check(bytes, bits, rows, x.Width, scales);
        SignProduct.Check(bytes / bits, rows, x, firstBlock, y);
    }

    /// <summary>The pieces of columns that have a chunk and a group in common.</summary>
    private readonly struct Pieces(int columns, int group)
    {
        private readonly int _group = group == 0 ? Math.Max(1, columns) : group;

        /// <summary>Whether pieces are whole tiles, but for the last.</summary>
        public bool AreTiles => _group >= columns || _group % SignTiles.TileColumns == 0;

        /// <summary>The group of a column.</summary>
        public int Group(int column) => column / _group;

        /// <summary>The end of the piece that begins at a column.</summary>
        public int End(int column)
        {
            var chunk = ((column / ChunkColumns) + 1L) * ChunkColumns;
            return (int)Math.Min(Math.Min(columns, chunk), ((column / _group) + 1L) * _group);
        }

        /// <summary>The number of pieces in a range of columns of whole chunks.</summary>
        public int Count(int first, int end)
        {
            var count = 0;
            for (var column = first; column < end; column = End(column))
                count++;
            return count;
        }
    }
}
