using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Runtime.Nodes;

/// <summary>Depthwise causal convolution; carries its last width - 1 inputs.</summary>
internal sealed class CausalConvNode : Node
{
    private const int ChannelGrain = 64;
    private readonly float[] weight;
    private readonly float[] bias;
    private readonly int width;
    private readonly bool silu;
    private readonly Slot x;
    private readonly Slot y;
    private readonly int state;

    /// <summary>Turns the weight [channels, 1, width] tap-major.</summary>
    public CausalConvNode(Resource weight, float[] bias, bool silu, Slot x, Slot y, Func<long, int> newState)
    {
        var (channels, taps) = (checked((int)weight.Shape[0]), checked((int)weight.Shape[2]));
        this.weight = Transpose.Of(weight.Data.ToSingles(), channels, taps);
        this.bias = bias;
        this.silu = silu;
        this.x = x;
        this.y = y;
        width = taps;
        state = newState((taps - 1) * (long)channels);
    }

    /// <inheritdoc/>
    public override void Run(Frame frame) => frame.Workers.ForRange(x.Width, ChannelGrain, 0, (first, count, _) =>
        CausalConv.Run(frame.Read(x), frame.State(state), weight, width, bias, silu, first, count, frame.Write(y)));
}
