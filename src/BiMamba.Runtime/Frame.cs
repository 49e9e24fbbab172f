using BiMamba.Kernels;

namespace BiMamba.Runtime;

/// <summary>What the nodes of a block see during one run over a chunk of tokens.</summary>
internal sealed class Frame(float[] arena, int[] ids, float[][] state, Workers workers)
{
    /// <summary>Tokens of this chunk.</summary>
    public int Tokens { get; set; }

    /// <summary>Token ids of this chunk.</summary>
    public ReadOnlySpan<int> Ids => ids.AsSpan(0, Tokens);

    /// <summary>The threads.</summary>
    public Workers Workers => workers;

    /// <summary>A value, all tokens of the chunk.</summary>
    public Rows Read(Slot slot) => Write(slot);

    /// <summary>A value to write, all tokens of the chunk.</summary>
    public MutableRows Write(Slot slot) =>
        new(arena.AsSpan(slot.Offset, Span(slot, slot.Width)), Tokens, slot.Width, slot.Stride);

    /// <summary>Some columns of a value to write.</summary>
    public MutableRows Write(Slot slot, int firstColumn, int columns) =>
        new(arena.AsSpan(slot.Offset + firstColumn, Span(slot, columns)), Tokens, columns, slot.Stride);

    /// <summary>The carried state of a node.</summary>
    public Span<float> State(int index) => state[index];

    private int Span(Slot slot, int width) => Tokens == 0 ? 0 : ((Tokens - 1) * slot.Stride) + width;
}
