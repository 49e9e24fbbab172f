using BiMamba.IR;
using BiMamba.Kernels;

namespace BiMamba.Runtime.Nodes;

/// <summary>The scan of Mamba-2; carries its state [heads][n][p].</summary>
internal sealed class SsdScanNode : SequenceNode
{
    private readonly float[] a;
    private readonly float[] d;
    private readonly float[] dtBias;
    private readonly float dtMin;
    private readonly float dtMax;
    private readonly int stateSize;
    private readonly Slot x;
    private readonly Slot dt;
    private readonly Slot b;
    private readonly Slot c;
    private readonly Slot y;
    private readonly int state;
    private readonly StateType type;

    /// <summary>Prepares the decay rates and the state.</summary>
    public SsdScanNode(string block, Op op, float[] aLog, float[] d, float[] dtBias, Func<string, Slot> input, Slot y, StateLayout layout)
        : base(op.Int(Attributes.Heads), 1)
    {
        a = Transpose.DecayRates(aLog);
        this.d = d;
        this.dtBias = dtBias;
        this.y = y;
        dtMin = (float)op.Float(Attributes.DtMin);
        dtMax = (float)op.Float(Attributes.DtMax);
        (x, dt, b, c) = (input("x"), input("dt"), input("b"), input("c"));
        stateSize = b.Width / op.Int(Attributes.Groups);
        state = layout.AddScan(new ScanSlot(block, op.Result.Name, op.Int(Attributes.Heads), stateSize, x.Width / op.Int(Attributes.Heads)));
        type = layout.ScanType;
    }

    /// <inheritdoc/>
    protected override void RunRange(Frame frame, int sequence, int first, int count)
    {
        var tokens = frame.Part(sequence).Count;
        var target = frame.Write(y, sequence);
        if (type == StateType.F32)
        {
            SsdScan.Run(Inputs(frame, sequence, 0, tokens), first, count, frame.State(sequence).Floats(state), target);
            return;
        }

        // A call rounds the state when it ends: one call a token makes the result independent of chunks and batches.
        for (var token = 0; token < tokens; token++)
            SsdScan.Run(Inputs(frame, sequence, token, 1), first, count, frame.State(sequence).BFloats(state), target.Slice(token, 1));
    }

    private SsdScanInputs Inputs(Frame frame, int sequence, int first, int count) => new()
    {
        X = frame.Read(x, sequence).Slice(first, count),
        Dt = frame.Read(dt, sequence).Slice(first, count),
        B = frame.Read(b, sequence).Slice(first, count),
        C = frame.Read(c, sequence).Slice(first, count),
        StateSize = stateSize,
        A = a,
        DtBias = dtBias,
        D = d,
        DtMin = dtMin,
        DtMax = dtMax,
    };
}
