using System.Buffers;
using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Runtime.Panels;

/// <summary>Rows of 8-bit or 4-bit codes with one bf16 scale a group of columns.</summary>
internal sealed class CodePanels : PanelSource
{
    private readonly Tensor codes;
    private readonly Tensor scales;
    private readonly int bits;
    private readonly int group;

    /// <summary>Codes [rows, columns] and scales [rows, groups].</summary>
    public CodePanels(Resource codes, Tensor scales, int group)
        : base(checked((int)codes.Shape[0]), checked((int)codes.Shape[1]))
    {
        this.codes = codes.Data;
        this.scales = scales;
        this.group = group;
        bits = codes.Encoding == Encoding.I4 ? 4 : 8;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Panel(int firstRow, int count, Span<float> buffer)
    {
        var rowBytes = QuantizedRows.RowBytes(Columns, bits);
        var rowScales = QuantizedRows.Groups(Columns, group) * sizeof(ushort);
        var rented = ArrayPool<byte>.Shared.Rent(count * (rowBytes + rowScales));
        var codeBytes = rented.AsSpan(count * rowScales, count * rowBytes);
        var scaleBytes = rented.AsSpan(0, count * rowScales);
        codes.Read((long)firstRow * rowBytes, codeBytes);
        scales.Read((long)firstRow * rowScales, scaleBytes);
        buffer = buffer[..(count * Columns)];
        QuantizedRows.Dequantize(codeBytes, MemoryMarshal.Cast<byte, ushort>(scaleBytes), bits, group, new MutableRows(buffer, count, Columns));
        ArrayPool<byte>.Shared.Return(rented);
        return buffer;
    }
}
