using System.Runtime.InteropServices;
using BiMamba.Tensors;

namespace BiMamba.Runtime.Panels;

/// <summary>Rows of a floating-point weight, widened to fp32.</summary>
internal sealed class FloatPanels(Tensor weight) : PanelSource(checked((int)weight.Shape[0]), checked((int)weight.Shape[1]))
{
    /// <inheritdoc/>
    public override ReadOnlySpan<float> Panel(int firstRow, int count, Span<float> buffer)
    {
        var first = (long)firstRow * Columns;
        if (weight.Type == ElementType.F32 && weight.TryGetSpan(first * sizeof(float), count * Columns * sizeof(float), out var bytes))
            return MemoryMarshal.Cast<byte, float>(bytes);
        buffer = buffer[..(count * Columns)];
        weight.ReadSingles(first, buffer);
        return buffer;
    }
}
