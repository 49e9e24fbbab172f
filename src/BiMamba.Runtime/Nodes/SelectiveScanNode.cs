using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Runtime.Nodes;

/// <summary>The scan of Mamba-1; carries its state [n][channels].</summary>
internal sealed class SelectiveScanNode : SequenceNode
{
    private const int ChannelGrain = 16;
    private readonly float[] a;
    private readonly float[] d;
    private readonly float[] dtBias;
    private readonly Slot x;
    private readonly Slot dt;
    private readonly Slot b;
    private readonly Slot c;
    private readonly Slot z;
    private readonly Slot y;
    private readonly int state;
    private readonly StateType type;

    /// <summary>Turns the decay rates [channels, n] around and makes the state.</summary>
    public SelectiveScanNode(string block, Op op, Resource aLog, float[] d, float[] dtBias, Func<string, Slot> input, Slot y, StateLayout layout)
        : base(checked((int)aLog.Shape[0]), ChannelGrain)
    {
        var (channels, n) = (checked((int)aLog.Shape[0]), checked((int)aLog.Shape[1]));
        a = Transpose.Of(Transpose.DecayRates(FloatWeights.ReadAll(aLog.Data)), channels, n);
        this.d = d;
        this.dtBias = dtBias;
        this.y = y;
        (x, dt, b, c, z) = (input("x"), input("dt"), input("b"), input("c"), input("z"));
        state = layout.AddScan(new ScanSlot(block, op.Result.Name, 0, n, channels));
        type = layout.ScanType;
    }

    /// <inheritdoc/>
    protected override void RunRange(Frame frame, int sequence, int first, int count)
    {
        var inputs = new SelectiveScanInputs
        {
            X = frame.Read(x, sequence),
            Dt = frame.Read(dt, sequence),
            B = frame.Read(b, sequence),
            C = frame.Read(c, sequence),
            A = a,
            DtBias = dtBias,
            D = d,
            Z = frame.Read(z, sequence),
        };
        if (type == StateType.F32)
            SelectiveScan.Run(inputs, first, count, frame.State(sequence).Floats(state), frame.Write(y, sequence));
        else
            SelectiveScan.Run(inputs, first, count, frame.State(sequence).BFloats(state), frame.Write(y, sequence));
    }
}
