using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// AVX2: a row block is two vectors of 8 rows. A table is two halves of 8 entries: both are permuted by the low 3 bits of
/// the words, and bit 3, shifted into the sign place, selects between them.
/// </content>
public static partial class SignProduct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AccumulateAvx2(
        ReadOnlySpan<byte> tiles, int columnTiles, int firstTile, int tileCount, ReadOnlySpan<float> tables,
        int firstBlock, MutableRows y)
    {
        Span<float> spill = stackalloc float[SignTiles.TileRows];
        for (var row = 0; row < y.Width; row += SignTiles.TileRows)
        {
            var block = (long)(firstBlock + (row / SignTiles.TileRows)) * columnTiles;
            ref var words = ref Unsafe.Add(ref MemoryMarshal.GetReference(tiles), (nint)((block + firstTile) * SignTiles.TileBytes));
            var valid = Math.Min(SignTiles.TileRows, y.Width - row);
            for (var t = 0; t < y.Count; t++)
            {
                var target = y[t].Slice(row, valid);
                ref var table = ref Unsafe.Add(ref MemoryMarshal.GetReference(tables), t * TableEntries);
                scoped ref var sums = ref MemoryMarshal.GetReference(target);
                if (valid < SignTiles.TileRows)
                {
                    target.CopyTo(spill);
                    sums = ref MemoryMarshal.GetReference(spill);
                }

                Avx2Block(ref words, tileCount, ref table, y.Count * TableEntries, ref sums, firstTile != 0);
                if (valid < SignTiles.TileRows)
                    spill[..valid].CopyTo(target);
            }
        }
    }

    /// <summary>1 token by 1 row block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Avx2Block(
        ref byte words, nint tileCount, ref float table, nint stride, ref float sums, bool carry)
    {
        const int Half = SignTiles.TileRows / 2;
        var a = carry ? Vector256.LoadUnsafe(ref sums) : Vector256<float>.Zero;
        var b = carry ? Vector256.LoadUnsafe(ref sums, Half) : Vector256<float>.Zero;
        for (nint tile = 0; tile < tileCount; tile++)
        {
            var u = Vector256.LoadUnsafe(ref words).AsInt32();
            var v = Vector256.LoadUnsafe(ref words, SignTiles.TileBytes / 2).AsInt32();
            words = ref Unsafe.Add(ref words, SignTiles.TileBytes);
            for (var group = 0; group < GroupsPerTile; group++)
            {
                var low = Vector256.LoadUnsafe(ref table);
                var high = Vector256.LoadUnsafe(ref table, TableEntries / 2);
                table = ref Unsafe.Add(ref table, stride);
                a += Avx.BlendVariable(
                    Avx2.PermuteVar8x32(low, u), Avx2.PermuteVar8x32(high, u), Vector256.ShiftLeft(u, 28).AsSingle());
                b += Avx.BlendVariable(
                    Avx2.PermuteVar8x32(low, v), Avx2.PermuteVar8x32(high, v), Vector256.ShiftLeft(v, 28).AsSingle());
                u = Vector256.ShiftRightLogical(u, GroupColumns);
                v = Vector256.ShiftRightLogical(v, GroupColumns);
            }
        }

        a.StoreUnsafe(ref sums);
        b.StoreUnsafe(ref sums, Half);
    }
}
