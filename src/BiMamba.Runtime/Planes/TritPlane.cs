using BiMamba.Kernels;
using BiMamba.Runtime.Panels;
using BiMamba.Tensors;

namespace BiMamba.Runtime.Planes;

/// <summary>An unpacked plane of trits: the products go through fp32 panels.</summary>
internal sealed class TritPlane(Tensor plane) : SignPlane(checked((int)plane.Shape[0]), checked((int)plane.Shape[1]))
{
    private readonly TritPanels panels = new(plane);

    /// <inheritdoc/>
    public override int ScratchLength(int tokens) => RowGrain * (Columns + tokens);

    /// <inheritdoc/>
    public override void Multiply(Rows x, int firstRow, MutableRows y, Span<float> scratch)
    {
        for (var row = 0; row < y.Width; row += RowGrain)
        {
            var count = Math.Min(RowGrain, y.Width - row);
            var part = new MutableRows(y.Values[row..], y.Count, count, y.Stride);
            RowProduct.Multiply(x, panels.Panel(firstRow + row, count, scratch), part);
        }
    }

    /// <inheritdoc/>
    public override void SubtractAtZeros(Rows x, int firstRow, MutableRows y, Span<float> scratch)
    {
        for (var row = 0; row < y.Width; row += RowGrain)
        {
            var count = Math.Min(RowGrain, y.Width - row);
            var panel = scratch[..(count * Columns)];
            panels.Panel(firstRow + row, count, panel);
            for (var i = 0; i < panel.Length; i++)
                panel[i] = panel[i] == 0 ? 1 : 0;
            var products = new MutableRows(scratch.Slice(panel.Length, x.Count * count), x.Count, count);
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
