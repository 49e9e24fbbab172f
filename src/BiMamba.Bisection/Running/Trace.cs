using BiMamba.Kernels;
using BiMamba.Runtime;

namespace BiMamba.Bisection.Running;

/// <summary>What one run of a module computed: its logits, and where they are wanted the results of its blocks and the values of one block.</summary>
/// <param name="tokens">Tokens of the run.</param>
/// <param name="valuesOf">Index of the block whose values are kept, or null.</param>
/// <param name="known">The logits where they are known; the results of the blocks that lead to them are then kept.</param>
internal sealed class Trace(int tokens, int? valuesOf, Activations? known = null) : IValueObserver
{
    private readonly List<Activations> blocks = [];
    private readonly Dictionary<string, Activations> values = new(StringComparer.Ordinal);
    private readonly bool keepsBlocks = known is not null;
    private Activations? logits = known;

    /// <summary>The logits [tokens, rows of the head].</summary>
    public Activations Logits => logits ?? new Activations(0, 0);

    /// <summary>Results of the blocks, in order; empty where the logits were not known.</summary>
    public IReadOnlyList<Activations> Blocks => blocks;

    /// <summary>Values of the block that was asked for, by name.</summary>
    public IReadOnlyDictionary<string, Activations> Values => values;

    /// <inheritdoc/>
    public bool Wants(int block) => block == valuesOf;

    /// <inheritdoc/>
    public void OnBlock(int block, int firstToken, Rows values)
    {
        if (!keepsBlocks)
            return;
        if (blocks.Count == block)
            blocks.Add(new Activations(tokens, values.Width));
        blocks[block].Set(firstToken, values);
    }

    /// <inheritdoc/>
    public void OnValue(int block, string name, int firstToken, Rows values)
    {
        if (!this.values.TryGetValue(name, out var kept))
            this.values.Add(name, kept = new Activations(tokens, values.Width));
        kept.Set(firstToken, values);
    }

    /// <summary>Keeps the logits of a chunk.</summary>
    public void OnLogits(int firstToken, Rows rows)
    {
        logits ??= new Activations(tokens, rows.Width);
        logits.Set(firstToken, rows);
    }
}
