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
    internal static void Verify(BimbFile file, DiagnosticBag diagnostics)
    {
        foreach (var (op, role, planeRole) in file.Module.Blocks.SelectMany(block => block.Body).SelectMany(Lists))
        {
            if (op.Find(role) is not { } name || file.Tensors[name] is not { Encoding: Encoding.U32 } zeros)
                continue;
            var plane = file.Tensors[op.Get(planeRole)];
            if (FirstBad(file, zeros, plane) is { } bad)
            {
                diagnostics.Add(BimbDiagnostics.ZeroList, $"expected strictly ascending indices of +1 bits in {plane.Encoding.Name()}{plane.Shape}, found {Index(file, zeros, bad)} at position {bad}",
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
        for (long i = 0; i < zeros.Shape.Count; i++)
        {
            var index = Index(file, zeros, i);
            if (index <= previous || index >= plane.Shape.Count || !IsPlus(file, plane, index))
                return i;
            previous = index;
        }

        return null;
    }

    private static long Index(BimbFile file, BimbTensor zeros, long position) =>
        BinaryPrimitives.ReadUInt32LittleEndian(file.Map.Span(zeros.Offset + (position * sizeof(uint)), sizeof(uint)));

    private static bool IsPlus(BimbFile file, BimbTensor plane, long index)
    {
        var (row, column) = Math.DivRem(index, plane.Shape[1]);
        var tilesAcross = (plane.Shape[1] + Encodings.TileColumns - 1) / Encodings.TileColumns;
        var tile = (row / Encodings.TileRows * tilesAcross) + (column / Encodings.TileColumns);
        var word = plane.Offset + (tile * Encodings.TileBytes) + (row % Encodings.TileRows * sizeof(uint));
        return (BinaryPrimitives.ReadUInt32LittleEndian(file.Map.Span(word, sizeof(uint))) >> (int)(column % Encodings.TileColumns) & 1) != 0;
    }
}
