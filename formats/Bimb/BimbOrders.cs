using System.Runtime.InteropServices;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;

namespace BiMamba.Formats.Bimb;

/// <summary>Checks that the column order of a <c>code_linear</c> names every column once: kernels read by it.</summary>
internal static class BimbOrders
{
    internal static void Verify(BimbFile file, DiagnosticBag diagnostics)
    {
        foreach (var name in file.Module.Blocks.SelectMany(block => block.Body).Where(op => op.Code == OpCode.CodeLinear).Select(op => op.Find("order")).OfType<string>())
        {
            var order = file.Tensors[name];
            var columns = MemoryMarshal.Cast<byte, uint>(file.Map.Copy(order.Offset, checked((int)order.Size)));
            var seen = new bool[columns.Length];
            for (var position = 0; position < columns.Length; position++)
            {
                if (columns[position] < columns.Length && !seen[columns[position]])
                {
                    seen[columns[position]] = true;
                    continue;
                }

                diagnostics.Add(BimbDiagnostics.ColumnOrder, $"expected each of the columns 0 to {columns.Length - 1} once, found {columns[position]} at position {position}",
                    new Place(file.Path, name, Offset: order.Offset + (position * sizeof(uint))), "convert the checkpoint again");
                break;
            }
        }
    }
}
