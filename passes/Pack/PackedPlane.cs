using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Passes.Shared;
using BiMamba.Tensors;

namespace BiMamba.Passes.Pack;

/// <summary>A plane of trits as bits in tiles, and its exact zeros beside it.</summary>
/// <param name="Sign">The plane, <c>sign1</c>; a zero has the bit of +1.</param>
/// <param name="Zeros">
/// The zeros: a sorted list <c>u32</c> of row * columns + column, or a bitmap <c>mask1</c> above one weight in
/// <see cref="BitmapShare"/> and where an index does not fit 32 bits; null where there are none.
/// </param>
/// <param name="ZeroCount">Number of zeros.</param>
public sealed record PackedPlane(Resource Sign, Resource? Zeros, long ZeroCount)
{
    /// <summary>More than one zero in this many weights is cheaper as a bitmap: a list entry has 32 bits.</summary>
    public const int BitmapShare = 32;

    /// <summary>
    /// Packs a plane of trits, read once, a row block of 16 rows at a time; the signs of a latent weight from its bits.
    /// Null where a trit is <see cref="SignTensor.NotANumber"/>, whose index is then given.
    /// </summary>
    public static PackedPlane? TryPack(Resource trits, string zerosName, bool mayBeBitmap, Action<long> progress, CancellationToken cancellation, out long badIndex)
    {
        var (rows, columns) = (checked((int)trits.Shape[0]), checked((int)trits.Shape[1]));
        var blockBytes = checked((int)SignTiles.BlockBytes(columns));
        var plane = GC.AllocateUninitializedArray<byte>(checked((int)SignTiles.ByteLength(rows, columns)));
        var zeros = new ZeroCollector(rows, columns, mayBeBitmap);
        var zeroIndices = new int[SignTiles.TileRows * columns];
        byte[] scratch = [];
        for (var block = 0; block < SignTiles.RowBlocks(rows); block++)
        {
            cancellation.ThrowIfCancellationRequested();
            var first = block * SignTiles.TileRows;
            var blockRows = Math.Min(SignTiles.TileRows, rows - first);
            var tiles = plane.AsSpan(block * blockBytes, blockBytes);
            var bad = trits.Data is SignTensor sign
                ? sign.PackBlock(first, blockRows, tiles, zeroIndices, ref scratch, out var count)
                : PackTrits(trits.Data, first, blockRows, columns, tiles, zeroIndices, ref scratch, out count);
            if (bad >= 0)
            {
                badIndex = ((long)first * columns) + bad;
                return null;
            }

            zeros.Add(first, zeroIndices.AsSpan(0, count));
            progress((long)blockRows * columns);
        }

        badIndex = -1;
        var bytes = new MemoryTensor(plane, ElementType.U8, Shape.Of(plane.Length));
        return new PackedPlane(new Resource(trits.Name, Encoding.Sign1, trits.Shape, bytes), zeros.ToResource(zerosName, trits.Shape), zeros.Count);
    }

    private static int PackTrits(Tensor trits, int firstRow, int rows, int columns, Span<byte> tiles, Span<int> zeros, ref byte[] scratch, out int count)
    {
        var values = MemoryMarshal.Cast<byte, sbyte>(trits.View((long)firstRow * columns, rows * columns, ref scratch));
        var bad = values.IndexOf(SignTensor.NotANumber);
        count = bad >= 0 ? 0 : SignTiles.PackBlock(values, rows, columns, tiles, zeros);
        return bad;
    }

    private sealed class ZeroCollector(int rows, int columns, bool mayBeBitmap)
    {
        private readonly bool indicesFit = (long)rows * columns <= 1L << 32;
        private readonly List<uint> indices = [];
        private byte[]? bitmap;

        public long Count { get; private set; }

        public void Add(int firstRow, ReadOnlySpan<int> inBlock)
        {
            if (inBlock.IsEmpty)
                return;
            Count += inBlock.Length;
            if (bitmap is null && !(indicesFit && (!mayBeBitmap || Count * BitmapShare <= (long)rows * columns)))
                MoveToBitmap();
            foreach (var index in inBlock)
            {
                if (bitmap is null)
                    indices.Add((uint)(((long)firstRow * columns) + index));
                else
                    SetBit(firstRow + (index / columns), index % columns);
            }
        }

        public Resource? ToResource(string name, Shape shape)
        {
            if (Count == 0)
                return null;
            if (bitmap is not null)
                return new Resource(name, Encoding.Mask1, shape, new MemoryTensor(bitmap, ElementType.U8, Shape.Of(bitmap.Length)));
            var bytes = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(indices)).ToArray();
            return new Resource(name, new MemoryTensor(bytes, ElementType.U32, Shape.Of(indices.Count)));
        }

        private void MoveToBitmap()
        {
            bitmap = new byte[SignTiles.ByteLength(rows, columns)];
            foreach (var index in indices)
                SetBit((int)(index / columns), (int)(index % columns));
            indices.Clear();
        }

        private void SetBit(int row, int column)
        {
            var (at, bit) = SignTiles.Locate(row, column, columns);
            bitmap![at] |= (byte)(1 << bit);
        }
    }
}
