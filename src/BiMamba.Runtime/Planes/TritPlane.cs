using BiMamba.Kernels;
using BiMamba.Runtime.Threads;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Runtime.Planes;

/// <summary>An unpacked plane of trits: the products go through fp32 panels.</summary>
internal sealed class TritPlane(Tensor plane) : SignPlane(checked((int)plane.Shape[0]), checked((int)plane.Shape[1]))
{
    private readonly TritPanels panels = new(plane);

    /// <inheritdoc/>
    public override bool HasFixed => false;

    /// <inheritdoc/>
    public override bool HasZeros => false;

    /// <inheritdoc/>
    public override void Multiply(Rows x, int firstRow, MutableRows y, Scratch scratch)
    {
        var memory = scratch.Take(RowGrain * Columns);
        for (var row = 0; row < y.Width; row += RowGrain)
        {
            var count = Math.Min(RowGrain, y.Width - row);
            var part = new MutableRows(y.Values[row..], y.Count, count, y.Stride);
            RowProduct.Multiply(x, panels.Panel(firstRow + row, count, memory), part);
        }
    }

    /// <inheritdoc/>
    public override void SubtractAtZeros(Rows x, int firstRow, MutableRows y, Scratch scratch)
    {
        var memory = scratch.Take(RowGrain * (Columns + x.Count));
        for (var row = 0; row < y.Width; row += RowGrain)
        {
            var count = Math.Min(RowGrain, y.Width - row);
            var panel = memory[..(count * Columns)];
            panels.Panel(firstRow + row, count, panel);
            for (var i = 0; i < panel.Length; i++)
                panel[i] = panel[i] == 0 ? 1 : 0;
            var products = new MutableRows(memory.Slice(panel.Length, x.Count * count), x.Count, count);
            RowProduct.Multiply(x, panel, products);
            for (var t = 0; t < x.Count; t++)
            {
                var sums = y[t].Slice(row, count);
                for (var i = 0; i < count; i++)
                    sums[i] -= products[t][i];
            }
        }
    }
}
