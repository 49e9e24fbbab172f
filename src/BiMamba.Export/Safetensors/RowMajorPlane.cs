using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Export.Safetensors;

/// <summary>Planes of bits row by row, u8 [rows, ceil(columns / 8)] or [bits, rows, ceil(columns / 8)]: bit i of byte k of a row is column 8 k + i.</summary>
internal sealed class RowMajorPlane : Tensor
{
    private readonly Tensor tiles;
    private readonly int rows;
    private readonly int columns;
    private readonly long planeBytes;

    private RowMajorPlane(Tensor tiles, Shape shape, int rows, int columns, long planeBytes)
        : base(ElementType.U8, shape)
    {
        this.tiles = tiles;
        this.rows = rows;
        this.columns = columns;
        this.planeBytes = planeBytes;
    }

    private int RowBytes => (columns + 7) / 8;

    /// <summary>The planes of a resource of encoding sign1, mask1 or bits1.</summary>
    public static RowMajorPlane Of(Resource resource)
    {
        var (rows, columns) = (checked((int)resource.Shape[resource.Shape.Rank - 2]), checked((int)resource.Shape[resource.Shape.Rank - 1]));
        var rowBytes = (columns + 7) / 8;
        var shape = resource.Shape.Rank == 3 ? Shape.Of(resource.Shape[0], rows, rowBytes) : Shape.Of(rows, rowBytes);
        return new RowMajorPlane(resource.Data, shape, rows, columns, SignTiles.ByteLength(rows, columns));
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        var source = PlaneBytes.Of(tiles);
        for (var i = 0; i < destination.Length; i++)
        {
            var (line, at) = Math.DivRem(offset + i, RowBytes);
            var (plane, row) = Math.DivRem(line, rows);
            // A tile has a little-endian word of 32 columns a row: its bytes are those of the row as it is written here.
            var (tileByte, _) = SignTiles.Locate((int)row, (int)at * 8, columns);
            destination[i] = source[checked((int)((plane * planeBytes) + tileByte))];
        }
    }
}
