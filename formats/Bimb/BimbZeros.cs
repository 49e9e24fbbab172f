using System.Buffers.Binary;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;

namespace BiMamba.Formats.Bimb;

/// <summary>
/// Checks the lists of exact zeros beside sign planes: strictly ascending, inside the plane, and with the bit of +1 in
/// it. Kernels search them and take the bit for granted.
/// </summary>
internal static class BimbZeros
{
    private const int PieceWords = 1 << 14;

    internal static void Verify(BimbFile file, DiagnosticBag diagnostics)
    {
        foreach (var (op, role, planeRole) in file.Module.Blocks.SelectMany(block => block.Body).SelectMany(Lists))
        {
            if (op.Find(role) is not { } name || file.Tensors[name] is not { Encoding: Encoding.U32 } zeros)
                continue;
            var plane = file.Tensors[op.Get(planeRole)];
            if (FirstBad(file, zeros, plane) is { } bad)
            {
                diagnostics.Add(BimbDiagnostics.ZeroList, $"expected strictly ascending indices of +1 bits in {plane.Encoding.Name()}{plane.Shape}, found {Word(file, zeros.Offset + (bad * sizeof(uint)))} at position {bad}",
                    new Place(file.Path, name, Offset: zeros.Offset + (bad * sizeof(uint))), "convert the checkpoint again");
            }
        }
    }

    /// <summary>The lists of zeros of an op and the planes that they belong to.</summary>
    private static IEnumerable<(Op Op, string List, string Plane)> Lists(Op op) => op.Code switch
    {
        OpCode.SignLinear => [(op, "zeros", "sign")],
        OpCode.BraqLinear => [(op, "zeros", "sign"), (op, "region_zeros", "region")],
        _ => [],
    };

    private static long? FirstBad(BimbFile file, BimbTensor zeros, BimbTensor plane)
    {
        long previous = -1;
        for (long first = 0; first < zeros.Shape.Count; first += PieceWords)
        {
            var piece = file.Map.Copy(zeros.Offset + (first * sizeof(uint)), (int)Math.Min(PieceWords, zeros.Shape.Count - first) * sizeof(uint));
            for (var i = 0; i < piece.Length; i += sizeof(uint))
            {
                long index = BinaryPrimitives.ReadUInt32LittleEndian(piece[i..]);
                if (index <= previous || index >= plane.Shape.Count || !IsPlus(file, plane, index))
                    return first + (i / sizeof(uint));
                previous = index;
            }
        }

        return null;
    }

    private static uint Word(BimbFile file, long offset)
    {
        Span<byte> word = stackalloc byte[sizeof(uint)];
        file.Map.Read(offset, word);
        return BinaryPrimitives.ReadUInt32LittleEndian(word);
    }

    private static bool IsPlus(BimbFile file, BimbTensor plane, long index)
    {
        var (row, column) = Math.DivRem(index, plane.Shape[1]);
        var tilesAcross = (plane.Shape[1] + Encodings.TileColumns - 1) / Encodings.TileColumns;
        var tile = (row / Encodings.TileRows * tilesAcross) + (column / Encodings.TileColumns);
        var word = plane.Offset + (tile * Encodings.TileBytes) + (row % Encodings.TileRows * sizeof(uint));
        return (Word(file, word) >> (int)(column % Encodings.TileColumns) & 1) != 0;
    }
}
