using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>
/// Sums of outer products of activation rows: h[i, j] += sum over t of x[t, i] * x[t, j], the matrix of second moments
/// that second-order quantizers start from (GPTQ, arXiv 2210.17323).
/// </summary>
/// <remarks>
/// The tokens are packed once, column block by column block; then ranges of rows of h may be summed by different threads.
/// Only the lower triangle is written, diagonal included. Tokens go in panels of 64: an element of a panel is one chain of
/// fused multiply-adds in the order of the tokens, whatever the vector width; panels are added in turn, and their sum is
/// added to h once. So bits depend on where calls cut the tokens, and on nothing else.
/// </remarks>
public static class GramMatrix
{
    /// <summary>Columns of a packed block; ranges of rows begin at multiples of it.</summary>
    public const int BlockColumns = 48;

    private const int PanelTokens = 64;

    // 6 x 16 sums are 12 registers of AVX2; two more hold a token's columns, and one its row.
    private const int KernelRows = 6;
    private const int KernelColumns = 16;

    /// <summary>The scratch length in f32 that <see cref="AddRows"/> needs.</summary>
    public const int ScratchLength = BlockColumns * BlockColumns;

    /// <summary>The length in f32 of packed tokens.</summary>
    public static int PackedLength(int tokens, int width) => checked(tokens * Blocks(width) * BlockColumns);

    /// <summary>The number of packed blocks of a width.</summary>
    public static int Blocks(int width) => (width + BlockColumns - 1) / BlockColumns;

    /// <summary>Packs a block of columns into the form that <see cref="AddRows"/> reads.</summary>
    /// <param name="x">Activations [tokens, width].</param>
    /// <param name="block">The block; blocks may be packed by different threads.</param>
    /// <param name="packed"><see cref="PackedLength"/> elements: panel after panel of 64 tokens, each [blocks, its tokens, 48], zeros behind the last column.</param>
    /// <returns>False where the magnitudes of a panel have no finite sum, as with a NaN or an infinity among them.</returns>
    public static bool Pack(Rows x, int block, Span<float> packed)
    {
        Guard.Equal(packed.Length, PackedLength(x.Count, x.Width));
        var first = block * BlockColumns;
        var columns = Math.Min(BlockColumns, x.Width - first);
        var finite = true;
        for (var start = 0; start < x.Count; start += PanelTokens)
        {
            var count = Math.Min(PanelTokens, x.Count - start);
            var panel = packed.Slice((start * Blocks(x.Width) + (block * count)) * BlockColumns, count * BlockColumns);
            for (var t = 0; t < count; t++)
            {
                var target = panel.Slice(t * BlockColumns, BlockColumns);
                x[start + t].Slice(first, columns).CopyTo(target);
                target[columns..].Clear();
            }

            finite &= float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(panel));
        }

        return finite;
    }

    /// <summary>Adds to the rows <paramref name="firstRow"/> and following of the lower triangle.</summary>
    /// <param name="packed">What <see cref="Pack"/> wrote.</param>
    /// <param name="tokens">The number of tokens.</param>
    /// <param name="width">The width n of the tokens.</param>
    /// <param name="h">The rows firstRow to firstRow + rows - 1 of the matrix, [rows, n].</param>
    /// <param name="firstRow">The first row, a multiple of <see cref="BlockColumns"/>.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> elements, overwritten.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void AddRows(ReadOnlySpan<float> packed, int tokens, int width, Span<float> h, int firstRow, int rows, Span<float> scratch)
    {
        Guard.Equal(packed.Length, PackedLength(tokens, width));
        Guard.Range(firstRow, rows, width);
        Guard.Equal(firstRow % BlockColumns, 0);
        Guard.Equal(h.Length, (long)rows * width);
        Guard.AtLeast(scratch.Length, ScratchLength);
        var sum = scratch[..ScratchLength];
        for (var i = 0; i < rows; i += BlockColumns)
        {
            var rowBlock = (firstRow + i) / BlockColumns;
            for (var columnBlock = 0; columnBlock <= rowBlock; columnBlock++)
            {
                SumBlock(packed, tokens, width, rowBlock, columnBlock, sum);
                AddLower(sum, h[(i * width)..], width, Math.Min(BlockColumns, rows - i), firstRow + i, columnBlock * BlockColumns);
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

    /// <summary>The products of a panel of two blocks in scalar form, added to their sums [48, 48]; equal to the vector form in every bit.</summary>
    internal static void AddPanelScalar(ReadOnlySpan<float> rows, ReadOnlySpan<float> columns, Span<float> sum)
    {
        for (var i = 0; i < BlockColumns; i++)
        {
            for (var j = 0; j < BlockColumns; j++)
            {
                var chain = 0f;
                for (var t = 0; t < rows.Length; t += BlockColumns)
                    chain = MathF.FusedMultiplyAdd(rows[t + i], columns[t + j], chain);
                sum[(i * BlockColumns) + j] += chain;
            }
        }
    }

    /// <summary>The products of a panel of two blocks [tokens, 48], added to their sums [48, 48].</summary>
    internal static void AddPanel(ReadOnlySpan<float> rows, ReadOnlySpan<float> columns, Span<float> sum)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            AddPanelScalar(rows, columns, sum);
            return;
        }

        ref var a = ref MemoryMarshal.GetReference(rows);
        ref var b = ref MemoryMarshal.GetReference(columns);
        ref var c = ref MemoryMarshal.GetReference(sum);
        for (var j = 0; j < BlockColumns; j += KernelColumns)
        {
            for (var i = 0; i < BlockColumns; i += KernelRows)
                AddKernel(ref Unsafe.Add(ref a, i), ref Unsafe.Add(ref b, j), rows.Length, ref Unsafe.Add(ref c, (i * BlockColumns) + j));
        }
    }

    private static void SumBlock(ReadOnlySpan<float> packed, int tokens, int width, int rowBlock, int columnBlock, Span<float> sum)
    {
        sum.Clear();
        for (var start = 0; start < tokens; start += PanelTokens)
        {
            var length = Math.Min(PanelTokens, tokens - start) * BlockColumns;
            var blocks = packed[(start * Blocks(width) * BlockColumns)..];
            AddPanel(blocks.Slice(rowBlock * length, length), blocks.Slice(columnBlock * length, length), sum);
        }
    }

    /// <summary>6 rows by 16 columns; a token's elements lie 48 apart. cRC is row R, columns 0 to 7 or 8 to 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddKernel(ref float a, ref float b, nint length, ref float c)
    {
        Vector256<float> c00 = Vector256<float>.Zero, c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
        Vector256<float> c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
        for (nint t = 0; t < length; t += BlockColumns)
        {
            var b0 = Vector256.LoadUnsafe(ref b, (nuint)t);
            var b1 = Vector256.LoadUnsafe(ref b, (nuint)t + 8);
            var row = Vector256.Create(Unsafe.Add(ref a, t));
            c00 = Vector256.FusedMultiplyAdd(row, b0, c00);
            c01 = Vector256.FusedMultiplyAdd(row, b1, c01);
            row = Vector256.Create(Unsafe.Add(ref a, t + 1));
            c10 = Vector256.FusedMultiplyAdd(row, b0, c10);
            c11 = Vector256.FusedMultiplyAdd(row, b1, c11);
            row = Vector256.Create(Unsafe.Add(ref a, t + 2));
            c20 = Vector256.FusedMultiplyAdd(row, b0, c20);
            c21 = Vector256.FusedMultiplyAdd(row, b1, c21);
            row = Vector256.Create(Unsafe.Add(ref a, t + 3));
            c30 = Vector256.FusedMultiplyAdd(row, b0, c30);
            c31 = Vector256.FusedMultiplyAdd(row, b1, c31);
            row = Vector256.Create(Unsafe.Add(ref a, t + 4));
            c40 = Vector256.FusedMultiplyAdd(row, b0, c40);
            c41 = Vector256.FusedMultiplyAdd(row, b1, c41);
            row = Vector256.Create(Unsafe.Add(ref a, t + 5));
            c50 = Vector256.FusedMultiplyAdd(row, b0, c50);
            c51 = Vector256.FusedMultiplyAdd(row, b1, c51);
        }

        AddRow(c00, c01, ref c);
        AddRow(c10, c11, ref Unsafe.Add(ref c, BlockColumns));
        AddRow(c20, c21, ref Unsafe.Add(ref c, 2 * BlockColumns));
        AddRow(c30, c31, ref Unsafe.Add(ref c, 3 * BlockColumns));
        AddRow(c40, c41, ref Unsafe.Add(ref c, 4 * BlockColumns));
        AddRow(c50, c51, ref Unsafe.Add(ref c, 5 * BlockColumns));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(Vector256<float> left, Vector256<float> right, ref float c)
    {
        (Vector256.LoadUnsafe(ref c) + left).StoreUnsafe(ref c);
        (Vector256.LoadUnsafe(ref c, 8) + right).StoreUnsafe(ref c, 8);
    }

    private static void AddLower(ReadOnlySpan<float> sum, Span<float> h, int width, int rows, int row, int column)
    {
        for (var i = 0; i < rows; i++)
        {
            var count = Math.Min(BlockColumns, row + i + 1 - column);
            var target = h.Slice((i * width) + column, count);
            Elementwise.Add(target, sum.Slice(i * BlockColumns, count), target);
        }
    }
}
