using System.Runtime.InteropServices;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>Rows of a floating-point weight, widened to fp32.</summary>
public sealed class FloatPanels(Tensor weight) : PanelSource(checked((int)weight.Shape[0]), checked((int)weight.Shape[1]))
{
    /// <inheritdoc/>
    public override ReadOnlySpan<float> Panel(int firstRow, int count, Span<float> buffer)
    {
        buffer = buffer[..(count * Columns)];
        if (!TryGetStored(firstRow, count, out var stored))
            weight.ReadSingles((long)firstRow * Columns, buffer);
        else if (stored.Element == StoredElement.F32)
            return MemoryMarshal.Cast<byte, float>(stored.Elements);
        else
            stored.Widen(new MutableRows(buffer, count, Columns));
        return buffer;
    }

    /// <inheritdoc/>
    public override bool TryGetStored(int firstRow, int count, out StoredRows stored)
    {
        stored = default;
        var rowBytes = Columns * (long)weight.Type.Size();
        if (FloatWeights.Element(weight.Type) is not { } element || count * rowBytes > int.MaxValue
            || !weight.TryGetSpan(firstRow * rowBytes, (int)(count * rowBytes), out var bytes))
        {
            return false;
        }

        stored = StoredRows.Floats(bytes, element, count, Columns);
        return true;
    }
}
