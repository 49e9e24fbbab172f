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
        {
            var sums = scratch.Slice(t * stride, y.Width);
            var results = y[t];
            for (var r = 0; r < results.Length; r++)
                results[r] = MathF.FusedMultiplyAdd(sums[r], units[t], results[r]);
        }
    }
}
