using System.Collections.Immutable;
using BiMamba.Runtime.Memory;

namespace BiMamba.Runtime;

/// <summary>One part of a state.</summary>
/// <param name="First">Where it begins, in units of fp32 elements.</param>
/// <param name="Length">Its elements.</param>
/// <param name="Type">Their type.</param>
internal readonly record struct StatePart(int First, int Length, StateType Type)
{
    public int ElementBytes => Type == StateType.F32 ? sizeof(float) : sizeof(ushort);

    public long ByteLength => (long)Length * ElementBytes;
}

/// <summary>Where the parts of a state lie in one piece of memory, each at a cache line.</summary>
internal sealed class StateLayout(StateType scanType)
{
    private const int LineFloats = 16;
    private readonly List<StatePart> parts = [];
    private readonly List<ScanSlot> scans = [];
    private readonly List<int> scanParts = [];

    /// <summary>Element type of the states of scans.</summary>
    public StateType ScanType => scanType;

    /// <summary>The parts, by index.</summary>
    public ImmutableArray<StatePart> Parts => [.. parts];

    /// <summary>The scans, in order of execution.</summary>
    public ImmutableArray<ScanSlot> Scans => [.. scans];

    /// <summary>The parts of the scans, in the same order.</summary>
    public ImmutableArray<int> ScanParts => [.. scanParts];

    /// <summary>Length of the memory in fp32 elements.</summary>
    public int Floats { get; private set; }

    /// <summary>Adds a part of a convolution; returns its index.</summary>
    public int AddConvolution(Int128 length) => Add(length, StateType.F32);

    /// <summary>Adds a part of a scan; returns its index.</summary>
    public int AddScan(ScanSlot scan)
    {
        var part = Add((Int128)scan.Parts * scan.StateSize * scan.Channels, scanType);
        scans.Add(scan);
        scanParts.Add(part);
        return part;
    }

    private int Add(Int128 length, StateType type)
    {
        var part = new StatePart(Floats, Elements.Count(length, "the state of a sequence"), type);
        var lines = (part.ByteLength + (LineFloats * sizeof(float)) - 1) / (LineFloats * sizeof(float));
        Floats = Elements.Count(Floats + ((Int128)lines * LineFloats), "the state of a sequence");
        parts.Add(part);
        return parts.Count - 1;
    }
}
