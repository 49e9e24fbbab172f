using BiMamba.Kernels;
using BiMamba.Runtime.Panels;

namespace BiMamba.Runtime.Nodes;

/// <summary>Rows of the embedding.</summary>
internal sealed class EmbeddingNode(PanelSource weight, Slot y) : Node
{
    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        var output = frame.Write(y);
        for (var t = 0; t < output.Count; t++)
        {
            var row = output[t];
            var values = weight.Panel(frame.Ids[t], 1, row);
            if (values != row)
                values.CopyTo(row);
        }
    }
}

/// <summary>Root mean square norm.</summary>
internal sealed class RmsNormNode(float[] weight, float eps, Slot x, Slot y) : Node
{
    /// <inheritdoc/>
    public override void Run(Frame frame) => RmsNorm.Run(frame.Read(x), weight, eps, x.Width, frame.Write(y));
}

/// <summary>Gated root mean square norm.</summary>
internal sealed class GatedRmsNormNode(float[] weight, float eps, int groupSize, bool normBeforeGate, Slot x, Slot z, Slot y) : Node
{
    private const int TokenGrain = 8;

    /// <inheritdoc/>
    public override void Run(Frame frame) => frame.Workers.ForRange(frame.Tokens, TokenGrain, 0, (first, count, _) =>
        GatedRmsNorm.Run(
            frame.Read(x).Slice(first, count), frame.Read(z).Slice(first, count), weight, eps, groupSize, normBeforeGate, frame.Write(y).Slice(first, count)));
}

/// <summary>x * sigmoid(x).</summary>
internal sealed class SiluNode(Slot x, Slot y) : Node
{
    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        var input = frame.Read(x);
        var output = frame.Write(y);
        for (var t = 0; t < input.Count; t++)
            Activation.Silu(input[t], output[t]);
    }
}

/// <summary>Sum of two values.</summary>
internal sealed class AddNode(Slot a, Slot b, Slot y) : Node
{
    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        var left = frame.Read(a);
        var right = frame.Read(b);
        var output = frame.Write(y);
        for (var t = 0; t < left.Count; t++)
            Elementwise.Add(left[t], right[t], output[t]);
    }
}

/// <summary>Product with a vector, feature by feature.</summary>
internal sealed class ScaleNode(float[] weight, Slot x, Slot y) : Node
{
    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        var input = frame.Read(x);
        var output = frame.Write(y);
        for (var t = 0; t < input.Count; t++)
            Elementwise.Multiply(input[t], weight, output[t]);
    }
}

/// <summary>The same values in another place.</summary>
internal sealed class CopyNode(Slot x, Slot y) : Node
{
    /// <inheritdoc/>
    public override void Run(Frame frame)
    {
        var input = frame.Read(x);
        var output = frame.Write(y);
        for (var t = 0; t < input.Count; t++)
            input[t].CopyTo(output[t]);
    }
}
