using BiMamba.Kernels;
using BiMamba.Weights;

namespace BiMamba.Runtime.Nodes;

/// <summary>Rows of the embedding.</summary>
internal sealed class EmbeddingNode(PanelSource weight, Slot y) : RowwiseNode
{
    /// <inheritdoc/>
    protected override void RunRows(Frame frame, int first, int count)
    {
        var output = frame.Write(y);
        for (var t = first; t < first + count; t++)
        {
            var row = output[t];
            var values = weight.Panel(frame.Ids[t], 1, row);
            if (values != row)
                values.CopyTo(row);
        }
    }
}

/// <summary>Root mean square norm.</summary>
internal sealed class RmsNormNode(float[] weight, float eps, Slot x, Slot y) : RowwiseNode
{
    /// <inheritdoc/>
    protected override void RunRows(Frame frame, int first, int count) =>
        RmsNorm.Run(frame.Read(x).Slice(first, count), weight, eps, x.Width, frame.Write(y).Slice(first, count));
}

/// <summary>Gated root mean square norm.</summary>
internal sealed class GatedRmsNormNode(float[] weight, float eps, int groupSize, bool normBeforeGate, Slot x, Slot z, Slot y) : RowwiseNode
{
    /// <inheritdoc/>
    protected override void RunRows(Frame frame, int first, int count) => GatedRmsNorm.Run(
        frame.Read(x).Slice(first, count), frame.Read(z).Slice(first, count), weight, eps, groupSize, normBeforeGate, frame.Write(y).Slice(first, count));
}

/// <summary>x * sigmoid(x).</summary>
internal sealed class SiluNode(Slot x, Slot y) : RowwiseNode
{
    /// <inheritdoc/>
    protected override void RunRows(Frame frame, int first, int count)
    {
        for (var t = first; t < first + count; t++)
            Activation.Silu(frame.Read(x)[t], frame.Write(y)[t]);
    }
}

/// <summary>Sum of two values.</summary>
internal sealed class AddNode(Slot a, Slot b, Slot y) : RowwiseNode
{
    /// <inheritdoc/>
    protected override void RunRows(Frame frame, int first, int count)
    {
        for (var t = first; t < first + count; t++)
            Elementwise.Add(frame.Read(a)[t], frame.Read(b)[t], frame.Write(y)[t]);
    }
}

/// <summary>Product with a vector, feature by feature.</summary>
internal sealed class ScaleNode(float[] weight, Slot x, Slot y) : RowwiseNode
{
    /// <inheritdoc/>
    protected override void RunRows(Frame frame, int first, int count)
    {
        for (var t = first; t < first + count; t++)
            Elementwise.Multiply(frame.Read(x)[t], weight, frame.Write(y)[t]);
    }
}

/// <summary>Features in another order: feature p of the result is feature order[p] of the input.</summary>
internal sealed class GatherNode(int[] order, Slot x, Slot y) : RowwiseNode
{
    /// <inheritdoc/>
    protected override void RunRows(Frame frame, int first, int count)
    {
        for (var t = first; t < first + count; t++)
        {
            var input = frame.Read(x)[t];
            var output = frame.Write(y)[t];
            for (var p = 0; p < order.Length; p++)
                output[p] = input[order[p]];
        }
    }
}

/// <summary>The same values in another place.</summary>
internal sealed class CopyNode(Slot x, Slot y) : RowwiseNode
{
    /// <inheritdoc/>
    protected override void RunRows(Frame frame, int first, int count)
    {
        for (var t = first; t < first + count; t++)
            frame.Read(x)[t].CopyTo(frame.Write(y)[t]);
    }
}
