using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>The forms that look 32-bit partial sums up, as <see cref="SignProduct"/> does; only the additions are of integers.</content>
public static partial class FixedSignProduct
{
    private static void AddWords(
        ReadOnlySpan<byte> tiles, int columnTiles, int firstTile, int tileCount, ReadOnlySpan<int> tables, ReadOnlySpan<float> units, int firstBlock,
        MutableRows y, Span<int> scratch)
    {
        var tokenTables = y.Count * SignProduct.TableEntries * GroupsPerTile;
        var step = Math.Max(1, SignProduct.ChunkTiles(y.Count));
        var stride = SignTiles.RowBlocks(y.Width) * SignTiles.TileRows;
        for (var tile = 0; tile < tileCount; tile += step)
        {
            var sums = new SignProduct.Sums<int>(scratch, y.Count, y.Width, stride, carry: tile != 0);
            SignProduct.Accumulate(
                tiles, columnTiles, firstTile + tile, Math.Min(step, tileCount - tile), tables[(tile * tokenTables)..], firstBlock, sums);
        }

        for (var t = 0; t < y.Count; t++)
            Finish(scratch.Slice(t * stride, y.Width), units[t], y[t]);
    }

    /// <summary>Adds the sums of a chunk to the results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish(ReadOnlySpan<int> sums, float unit, Span<float> y)
    {
        ref var source = ref MemoryMarshal.GetReference(sums);
        ref var target = ref MemoryMarshal.GetReference(y);
        var units = Vector512.Create(unit);
        nint r = 0;
        for (; Avx512F.IsSupported && r <= y.Length - Lanes.Count; r += Lanes.Count)
            Lanes.Store(Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(Lanes.Load(ref source, r)), units, Lanes.Load(ref target, r)), ref target, r);
        for (; r < y.Length; r++)
            Unsafe.Add(ref target, r) = MathF.FusedMultiplyAdd(Unsafe.Add(ref source, r), unit, Unsafe.Add(ref target, r));
    }
}
