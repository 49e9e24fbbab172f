using System.Collections.Immutable;
using System.Runtime.InteropServices;
using BiMamba.Runtime.Memory;

namespace BiMamba.Runtime;

/// <summary>
/// The state that a sequence carries: for every convolution its last inputs [width - 1, channels] in fp32, for every scan
/// its state in the element type of the runner. Starts at zero.
/// </summary>
public sealed class ModelState
{
    private readonly AlignedFloats memory;
    private readonly ImmutableArray<StatePart> parts;
    private readonly ImmutableArray<int> scanParts;

    internal ModelState(StateLayout layout)
    {
        parts = layout.Parts;
        scanParts = layout.ScanParts;
        memory = new AlignedFloats(layout.Floats, streamed: true);
        Reset();
    }

    /// <summary>Bytes of the state.</summary>
    public long ByteLength => parts.Sum(part => part.ByteLength);

    /// <summary>Back to the start of a sequence.</summary>
    public void Reset() => memory.Span.Clear();

    /// <summary>
    /// Takes over where another sequence stands, so that several can go on from one prefix, each with the bits that it
    /// gets from its beginning.
    /// </summary>
    /// <param name="other">A state of a runner of the same module and element type.</param>
    /// <exception cref="ArgumentException">The other state has another layout.</exception>
    public void CopyFrom(ModelState other)
    {
        if (!parts.SequenceEqual(other.parts))
            throw new ArgumentException("the states have different layouts", nameof(other));
        other.memory.Span.CopyTo(memory.Span);
    }

    /// <summary>The state of a scan where it stands: [heads][n][p], or [n][channels] without heads. A view, which the next run changes.</summary>
    /// <param name="scan">Index of the scan in <see cref="ModelRunner.Scans"/>.</param>
    /// <exception cref="InvalidOperationException">The states of scans are bf16.</exception>
    public ReadOnlySpan<float> Scan(int scan)
    {
        var part = scanParts[scan];
        if (parts[part].Type != StateType.F32)
            throw new InvalidOperationException("the states of scans are bf16, and only those in fp32 can be seen");
        return Floats(part);
    }

    /// <summary>A part that is fp32.</summary>
    internal Span<float> Floats(int part) => memory.Span.Slice(parts[part].First, parts[part].Length);

    /// <summary>A part that is bf16, as bits.</summary>
    internal Span<ushort> BFloats(int part) =>
        MemoryMarshal.Cast<float, ushort>(memory.Span[parts[part].First..])[..parts[part].Length];
}
