using System.Buffers;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>Rows of 8-bit or 4-bit codes with one bf16 scale a group of columns.</summary>
public sealed class CodePanels : PanelSource
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

    private int CodeBytes => QuantizedRows.RowBytes(Columns, bits);

    private int ScaleBytes => QuantizedRows.Groups(Columns, group) * sizeof(ushort);

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Panel(int firstRow, int count, Span<float> buffer)
    {
        buffer = buffer[..(count * Columns)];
        if (TryGetStored(firstRow, count, out var stored))
            stored.Widen(new MutableRows(buffer, count, Columns));
        else
            ReadPanel(firstRow, count, buffer);
        return buffer;
    }

    /// <inheritdoc/>
    public override bool TryGetStored(int firstRow, int count, out StoredRows stored)
    {
        stored = default;
        if (count * (long)Math.Max(CodeBytes, ScaleBytes) > int.MaxValue
            || !codes.TryGetSpan((long)firstRow * CodeBytes, count * CodeBytes, out var codeBytes)
            || !scales.TryGetSpan((long)firstRow * ScaleBytes, count * ScaleBytes, out var scaleBytes))
        {
            return false;
        }

        stored = StoredRows.Codes(codeBytes, scaleBytes, bits, group, count, Columns);
        return true;
    }

    /// <summary>Codes that are computed or gathered on the way are copied first.</summary>
    private void ReadPanel(int firstRow, int count, Span<float> panel)
    {
        var rented = ArrayPool<byte>.Shared.Rent(count * (CodeBytes + ScaleBytes));
        var codeBytes = rented.AsSpan(0, count * CodeBytes);
        var scaleBytes = rented.AsSpan(count * CodeBytes, count * ScaleBytes);
        codes.Read((long)firstRow * CodeBytes, codeBytes);
        scales.Read((long)firstRow * ScaleBytes, scaleBytes);
        StoredRows.Codes(codeBytes, scaleBytes, bits, group, count, Columns).Widen(new MutableRows(panel, count, Columns));
        ArrayPool<byte>.Shared.Return(rented);
    }
}
