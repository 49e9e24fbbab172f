using BiMamba.Kernels;
using BiMamba.Runtime.Memory;
using BiMamba.Runtime.Threads;

namespace BiMamba.Runtime;

/// <summary>
/// What the nodes of a block see during one run over a chunk: rows of tokens, those of one sequence side by side. One
/// frame serves all runs of a runner.
/// </summary>
internal sealed class Frame(AlignedFloats arena, int[] ids, Team team)
{
    private readonly List<FramePart> parts = [];
    private int firstId;

    /// <summary>Tokens of this chunk.</summary>
    public int Tokens { get; private set; }

    /// <summary>The kernels that are asked for.</summary>
    public Engine Engine { get; init; }

    /// <summary>The sequences that have tokens in this chunk.</summary>
    public int Sequences => parts.Count;

    /// <summary>Token ids of this chunk.</summary>
    public ReadOnlySpan<int> Ids => ids.AsSpan(firstId, Tokens);

    /// <summary>The threads.</summary>
    public Team Team => team;

    /// <summary>Takes the sequences out.</summary>
    public void Clear()
    {
        parts.Clear();
        (Tokens, firstId) = (0, 0);
    }

    /// <summary>Adds the next tokens of a sequence.</summary>
    /// <param name="index">Index of the sequence in its batch.</param>
    /// <param name="state">Its state.</param>
    /// <param name="tokens">The tokens.</param>
    public void Add(int index, ModelState state, ReadOnlySpan<int> tokens)
    {
        tokens.CopyTo(ids.AsSpan(Tokens));
        parts.Add(new FramePart(index, state, Tokens, tokens.Length));
        Tokens += tokens.Length;
    }

    /// <summary>Narrows the frame to some of its tokens, for blocks without state.</summary>
    public void Select(int first, int count) => (firstId, Tokens) = (first, count);

    /// <summary>A value, all tokens of the chunk.</summary>
    public Rows Read(Slot slot) => Write(slot);

    /// <summary>A value, the tokens of one sequence.</summary>
    public Rows Read(Slot slot, int sequence) => Write(slot, sequence);

    /// <summary>A value to write, all tokens of the chunk.</summary>
    public MutableRows Write(Slot slot) =>
        new(arena.Span.Slice(slot.Offset, Span(slot, slot.Width)), Tokens, slot.Width, slot.Stride);

    /// <summary>A value to write, the tokens of one sequence.</summary>
    public MutableRows Write(Slot slot, int sequence) => Write(slot).Slice(parts[sequence].First, parts[sequence].Count);

    /// <summary>Some columns of a value to write.</summary>
    public MutableRows Write(Slot slot, int firstColumn, int columns) =>
        new(arena.Span.Slice(slot.Offset + firstColumn, Span(slot, columns)), Tokens, columns, slot.Stride);

    /// <summary>The state of a sequence.</summary>
    public ModelState State(int sequence) => parts[sequence].State;

    /// <summary>Which rows are those of a sequence.</summary>
    public FramePart Part(int sequence) => parts[sequence];

    private int Span(Slot slot, int width) => Tokens == 0 ? 0 : ((Tokens - 1) * slot.Stride) + width;
}

/// <summary>The rows of one sequence in a frame.</summary>
/// <param name="Index">Index of the sequence in its batch.</param>
/// <param name="State">Its state.</param>
/// <param name="First">Its first row.</param>
/// <param name="Count">Its rows.</param>
internal readonly record struct FramePart(int Index, ModelState State, int First, int Count);
