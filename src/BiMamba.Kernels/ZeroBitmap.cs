using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>
/// Corrects the products of a sign plane for weights that are zero, given as a bitmap in the layout of
/// <see cref="SignTiles"/> where 1 marks a zero; padding bits are 0.
/// </summary>
/// <remarks>
/// The sums and their order are those of <see cref="ZeroList"/>. Lanes are the 16 rows of a block: for each column that
/// has a zero in the tile, the lanes with a zero take the fused multiply-add and the others keep their sum. Rows behind
/// the last have no bits, and their lanes are dropped.
/// </remarks>
public static class ZeroBitmap
{
    /// <summary>Corrects y for the zeros of a range of row blocks.</summary>
    /// <param name="mask">The whole bitmap, <see cref="SignTiles.ByteLength"/> bytes.</param>
    /// <param name="rows">The rows of the plane.</param>
    /// <param name="firstBlock">The row block of the first column of <paramref name="y"/>.</param>
    /// <param name="x">The activations xs the plane was multiplied with, [tokens, columns].</param>
    /// <param name="levels">z [columns] or empty for 0.</param>
    /// <param name="y">The products [tokens, rows of the range], corrected in place.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Apply(
        ReadOnlySpan<byte> mask, int rows, int firstBlock, Rows x, ReadOnlySpan<float> levels, MutableRows y)
    {
        Check(mask.Length, rows, firstBlock, x, levels, y);
        if (!Vector128.IsHardwareAccelerated)
        {
            ApplyScalar(mask, rows, firstBlock, x, levels, y);
            return;
        }

        Span<float> sums = stackalloc float[SignTiles.TileRows];
        var columnTiles = SignTiles.ColumnTiles(x.Width);
        for (var row = 0; row < y.Width; row += SignTiles.TileRows)
        {
            var valid = Math.Min(SignTiles.TileRows, y.Width - row);
            var block = mask[((firstBlock + (row / SignTiles.TileRows)) * columnTiles * SignTiles.TileBytes)..];
            for (var t = 0; t < x.Count; t++)
            {
                var target = y[t].Slice(row, valid);
                target.CopyTo(sums);
                for (var tile = 0; tile < columnTiles; tile++)
                    ApplyTile(block[(tile * SignTiles.TileBytes)..], x[t], levels, tile * SignTiles.TileColumns, sums);
                sums[..valid].CopyTo(target);
            }
        }
    }

    /// <summary>The scalar form of <see cref="Apply"/>, equal to it in every bit.</summary>
    public static void ApplyScalar(
        ReadOnlySpan<byte> mask, int rows, int firstBlock, Rows x, ReadOnlySpan<float> levels, MutableRows y)
    {
        Check(mask.Length, rows, firstBlock, x, levels, y);
        var columnTiles = SignTiles.ColumnTiles(x.Width);
        for (var row = 0; row < y.Width; row++)
        {
            var block = mask[((firstBlock + (row / SignTiles.TileRows)) * columnTiles * SignTiles.TileBytes)..];
            for (var tile = 0; tile < columnTiles; tile++)
            {
                for (var bits = SignTiles.Word(block, tile, row % SignTiles.TileRows); bits != 0; bits &= bits - 1)
                {
                    var column = (tile * SignTiles.TileColumns) + BitOperations.TrailingZeroCount(bits);
                    for (var t = 0; t < x.Count; t++)
                        y[t][row] = MathF.FusedMultiplyAdd(Change(levels, column), x[t][column], y[t][row]);
                }
            }
        }
    }

    private static void ApplyTile(
        ReadOnlySpan<byte> tile, ReadOnlySpan<float> x, ReadOnlySpan<float> levels, int firstColumn, Span<float> sums)
    {
        var words = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(tile)).AsUInt32();
        if (words == Vector512<uint>.Zero)
            return;
        var sum = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(sums));
        for (var bits = AnyRow(words); bits != 0; bits &= bits - 1)
        {
            var bit = BitOperations.TrailingZeroCount(bits);
            var marked = Vector512.Create(1u << bit);
            var corrected = Vector512.FusedMultiplyAdd(
                Vector512.Create(Change(levels, firstColumn + bit)), Vector512.Create(x[firstColumn + bit]), sum);
            sum = Vector512.ConditionalSelect(Vector512.Equals(words & marked, marked).AsSingle(), corrected, sum);
        }

        Vector512.StoreUnsafe(sum, ref MemoryMarshal.GetReference(sums));
    }

    /// <summary>The columns of a tile that have a zero in any row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint AnyRow(Vector512<uint> words)
    {
        var eight = words.GetLower() | words.GetUpper();
        var two = (eight.GetLower() | eight.GetUpper()).AsUInt64();
        var one = two.GetElement(0) | two.GetElement(1);
        return (uint)one | (uint)(one >> 32);
    }

    private static float Change(ReadOnlySpan<float> levels, int column) => levels.IsEmpty ? -1f : levels[column] - 1f;

    private static void Check(
        int bytes, int rows, int firstBlock, Rows x, ReadOnlySpan<float> levels, MutableRows y)
    {
        Guard.Equal(bytes, SignTiles.ByteLength(rows, x.Width));
        Guard.Equal(y.Count, x.Count);
        Guard.EmptyOr(levels.Length, x.Width);
        Guard.Range(firstBlock, SignTiles.RowBlocks(y.Width), SignTiles.RowBlocks(rows));
    }
}
