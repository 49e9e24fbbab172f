using BiMamba.Kernels;
using BiMamba.Runtime.Panels;

namespace BiMamba.Runtime.Nodes;

/// <summary>A linear whose weight is widened to fp32, a panel of rows at a time: y = W x + bias.</summary>
internal sealed class RowProductNode(PanelSource weight, float[]? bias, Slot x, Slot y) : Node
{
    private const int PanelRows = 32;

    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        var panels = (weight.Rows + PanelRows - 1) / PanelRows;
        frame.Workers.For(panels, PanelRows * weight.Columns, (index, scratch) =>
        {
            var first = index * PanelRows;
            var rows = Math.Min(PanelRows, weight.Rows - first);
            var output = frame.Write(y, first, rows);
            RowProduct.Multiply(frame.Read(x), weight.Panel(first, rows, scratch), output);
            if (bias is not null)
                AddBias(output, bias.AsSpan(first, rows));
        });
    }

    private static void AddBias(MutableRows output, ReadOnlySpan<float> bias)
    {
        for (var t = 0; t < output.Count; t++)
            Elementwise.Add(output[t], bias, output[t]);
    }
}
