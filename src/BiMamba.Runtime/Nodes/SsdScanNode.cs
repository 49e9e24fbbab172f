using BiMamba.IR;
using BiMamba.Kernels;

namespace BiMamba.Runtime.Nodes;

/// <summary>The scan of Mamba-2; carries its state [heads][n][p].</summary>
internal sealed class SsdScanNode : Node
{
    private readonly float[] a;
    private readonly float[] d;
    private readonly float[] dtBias;
    private readonly int heads;
    private readonly float dtMin;
    private readonly float dtMax;
    private readonly int stateSize;
    private readonly Slot x;
    private readonly Slot dt;
    private readonly Slot b;
    private readonly Slot c;
    private readonly Slot y;
    private readonly int state;

    /// <summary>Prepares the decay rates and the state.</summary>
    public SsdScanNode(Op op, float[] aLog, float[] d, float[] dtBias, Func<string, Slot> input, Slot y, Func<long, int> newState)
    {
        a = Transpose.DecayRates(aLog);
        this.d = d;
        this.dtBias = dtBias;
        this.y = y;
        heads = op.Int(Attributes.Heads);
        dtMin = (float)op.Float(Attributes.DtMin);
        dtMax = (float)op.Float(Attributes.DtMax);
        (x, dt, b, c) = (input("x"), input("dt"), input("b"), input("c"));
        stateSize = b.Width / op.Int(Attributes.Groups);
        state = newState((long)x.Width * stateSize);
    }

    /// <inheritdoc/>
    public override void Run(Frame frame) => frame.Workers.ForRange(heads, 1, 0, (first, count, _) =>
    {
        var inputs = new SsdScanInputs
        {
            X = frame.Read(x),
            Dt = frame.Read(dt),
            B = frame.Read(b),
            C = frame.Read(c),
            StateSize = stateSize,
            A = a,
            DtBias = dtBias,
            D = d,
            DtMin = dtMin,
            DtMax = dtMax,
        };
        SsdScan.Run(inputs, first, count, frame.State(state), frame.Write(y));
    });
}
