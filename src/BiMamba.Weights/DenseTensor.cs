using System.Buffers;
using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>The weight of a linear as f32 [rows, columns], computed from what it is stored as when it is read. Holds no copy.</summary>
public sealed class DenseTensor : Tensor
{
    /// <summary>Rows that are computed together: a row of tiles.</summary>
    private const int PanelRows = Encodings.TileRows;

    private readonly PanelSource panels;
    private readonly int[]? order;
    private readonly string key;

    private DenseTensor(PanelSource panels, Tensor[] sources, int[]? order, string key)
        : base(ElementType.F32, Shape.Of(panels.Rows, panels.Columns), sources)
    {
        this.panels = panels;
        this.order = order;
        this.key = key;
    }

    /// <summary>The weight of an op that <see cref="LinearPanels.Has"/> one, its columns in the order of its input.</summary>
    public static DenseTensor Of(Op op, Module module) => new(
        LinearPanels.Of(op, module),
        [.. op.Operands.Where(operand => operand.IsResource).Select(operand => module.Resources[operand.Name].Data)],
        op.Code == OpCode.CodeLinear && op.Find("order") is { } order ? MemoryMarshal.Cast<byte, int>(module.Resources[order].Data.ToBytes()).ToArray() : null,
        op.Info.Name + "(" + string.Join(", ", op.Operands.Where(operand => operand.IsResource && operand.Role != "bias").Select(operand => $"{operand.Role} = {operand.Name}")) + ")");

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        var columns = panels.Columns;
        var memory = ArrayPool<float>.Shared.Rent(2 * PanelRows * columns);
        while (destination.Length > 0)
        {
            var (row, skip) = Math.DivRem(offset, (long)columns * sizeof(float));
            var first = (int)row;
            var count = (int)Math.Min(Math.Min(PanelRows - (first % PanelRows), panels.Rows - first), (skip + destination.Length + (columns * sizeof(float)) - 1) / (columns * sizeof(float)));
            var panel = InOrder(panels.Panel(first, count, memory.AsSpan(0, count * columns)), memory.AsSpan(PanelRows * columns, count * columns));
            var bytes = MemoryMarshal.AsBytes(panel)[(int)skip..];
            bytes = bytes[..Math.Min(bytes.Length, destination.Length)];
            bytes.CopyTo(destination);
            destination = destination[bytes.Length..];
            offset += bytes.Length;
        }

        ArrayPool<float>.Shared.Return(memory);
    }

    /// <inheritdoc/>
    /// <remarks>Two ops of the same operands have the same weight.</remarks>
    public override bool IsSameStorage(Tensor other) => ReferenceEquals(this, other) || (other is DenseTensor dense && dense.key == key);

    /// <summary>Positions put back to their columns.</summary>
    private ReadOnlySpan<float> InOrder(ReadOnlySpan<float> panel, Span<float> ordered)
    {
        if (order is null)
            return panel;
        for (var start = 0; start < panel.Length; start += order.Length)
        {
            for (var p = 0; p < order.Length; p++)
                ordered[start + order[p]] = panel[start + p];
        }

        return ordered;
    }
}
