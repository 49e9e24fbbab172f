using System.Buffers;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>Rows of an unpacked plane of signs as -1, 0, +1; other codes stand for NaN.</summary>
public sealed class TritPanels(Tensor plane) : PanelSource(checked((int)plane.Shape[0]), checked((int)plane.Shape[1]))
{
    /// <inheritdoc/>
    public override ReadOnlySpan<float> Panel(int firstRow, int count, Span<float> buffer)
    {
        buffer = buffer[..(count * Columns)];
        var bytes = ArrayPool<byte>.Shared.Rent(buffer.Length);
        plane.Read((long)firstRow * Columns, bytes.AsSpan(0, buffer.Length));
        for (var i = 0; i < buffer.Length; i++)
            buffer[i] = (sbyte)bytes[i] is >= -1 and <= 1 and var sign ? sign : float.NaN;
        ArrayPool<byte>.Shared.Return(bytes);
        return buffer;
    }
}
