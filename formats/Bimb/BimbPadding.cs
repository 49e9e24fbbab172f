using System.Buffers.Binary;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;

namespace BiMamba.Formats.Bimb;

/// <summary>
/// Checks that the bits of packed tensors outside their rows and columns are zero: kernels read whole tiles, and equal
/// weights must have equal bytes.
/// </summary>
internal static class BimbPadding
{
    internal static void Verify(BimbFile file, BimbTensor tensor, DiagnosticBag diagnostics)
    {
        var bad = tensor.Encoding switch
        {
            _ when tensor.Size == 0 => -1,
            Encoding.Sign1 or Encoding.Mask1 => Tiles(file, tensor, 0, tensor.Shape[0], tensor.Shape[1]),
            Encoding.Bits1 => Planes(file, tensor),
            Encoding.I4 => Codes(file, tensor),
            _ => -1,
        };
        if (bad >= 0)
        {
            diagnostics.Add(BimbDiagnostics.PackedPadding, $"expected zero bits outside {tensor.Encoding.Name()}{tensor.Shape}, found others",
                new Place(file.Path, tensor.Name, Offset: tensor.Offset + bad), "convert the checkpoint again");
        }
    }

    /// <summary>The offset of the first bad word, or -1. Only the last tile of each row block and the last row block have padding.</summary>
    private static long Tiles(BimbFile file, BimbTensor tensor, long first, long rows, long columns)
    {
        var tilesAcross = (columns + Encodings.TileColumns - 1) / Encodings.TileColumns;
        var used = (int)(columns % Encodings.TileColumns);
        var columnPadding = used == 0 ? 0 : uint.MaxValue << used;
        Span<byte> words = stackalloc byte[Encodings.TileBytes];
        var blocks = (rows + Encodings.TileRows - 1) / Encodings.TileRows;
        for (long block = 0; block < blocks; block++)
        {
            var rowsHere = (int)Math.Min(Encodings.TileRows, rows - block * Encodings.TileRows);
            for (var tile = rowsHere < Encodings.TileRows ? 0 : tilesAcross - 1; tile < tilesAcross; tile++)
            {
                var start = first + ((block * tilesAcross + tile) * Encodings.TileBytes);
                file.Map.Read(tensor.Offset + start, words);
                for (var row = 0; row < Encodings.TileRows; row++)
                {
                    var padding = row >= rowsHere ? uint.MaxValue : tile == tilesAcross - 1 ? columnPadding : 0;
                    if ((BinaryPrimitives.ReadUInt32LittleEndian(words[(4 * row)..]) & padding) != 0)
                        return start + 4 * row;
                }
            }
        }

        return -1;
    }

    /// <summary>The same over the planes of codes.</summary>
    private static long Planes(BimbFile file, BimbTensor tensor)
    {
        for (long plane = 0; plane < tensor.Shape[0]; plane++)
        {
            if (Tiles(file, tensor, plane * (tensor.Size / tensor.Shape[0]), tensor.Shape[1], tensor.Shape[2]) is >= 0 and var bad)
                return bad;
        }

        return -1;
    }

    /// <summary>The offset of the first row whose last high nibble is not zero, or -1.</summary>
    private static long Codes(BimbFile file, BimbTensor tensor)
    {
        var (rows, columns) = (tensor.Shape[0], tensor.Shape[1]);
        if (columns % 2 == 0)
            return -1;
        var rowBytes = (columns + 1) / 2;
        Span<byte> code = stackalloc byte[1];
        for (long row = 0; row < rows; row++)
        {
            var last = (row + 1) * rowBytes - 1;
            file.Map.Read(tensor.Offset + last, code);
            if (code[0] >> 4 != 0)
                return last;
        }

        return -1;
    }
}
