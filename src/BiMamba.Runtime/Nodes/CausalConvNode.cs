using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Runtime.Nodes;

/// <summary>Depthwise causal convolution; carries its last width - 1 inputs.</summary>
internal sealed class CausalConvNode : SequenceNode
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
    public CausalConvNode(Resource weight, float[] bias, bool silu, Slot x, Slot y, StateLayout layout)
        : base(x.Width, ChannelGrain)
    {
        var (channels, taps) = (checked((int)weight.Shape[0]), checked((int)weight.Shape[2]));
        this.weight = Transpose.Of(FloatWeights.ReadAll(weight.Data), channels, taps);
        this.bias = bias;
        this.silu = silu;
        this.x = x;
        this.y = y;
        width = taps;
        state = layout.AddConvolution((taps - 1) * (Int128)channels);
    }

    /// <inheritdoc/>
    protected override void RunRange(Frame frame, int sequence, int first, int count) => CausalConv.Run(
        frame.Read(x, sequence), frame.State(sequence).Floats(state), weight, width, bias, silu, first, count, frame.Write(y, sequence));
}
