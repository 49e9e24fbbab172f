using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Kernels;

namespace BiMamba.Runtime;

/// <summary>Receives logits, a chunk of tokens at a time.</summary>
/// <param name="firstToken">Index of the chunk's first token in this run.</param>
/// <param name="logits">[tokens, stored vocabulary rows], valid during the call.</param>
public delegate void LogitsSink(int firstToken, Rows logits);

/// <summary>
/// Runs a verified module of any level over token ids, in fp32, with carried state. A sequence run at once, in pieces
/// or token by token gives the same bits, on any number of threads: every sum has a fixed order. Not safe for
/// concurrent use; several runners may share a module.
/// </summary>
public sealed class ModelRunner
{
    private readonly ImmutableArray<CompiledBlock> blocks;
    private readonly ImmutableArray<int> stateLengths;
    private readonly Workers workers;
    private readonly float[] arena;
    private readonly float[] carry;
    private readonly int[] ids;

    /// <summary>Makes a module ready: small weights become fp32, large ones are read where they lie.</summary>
    public ModelRunner(Module module, RuntimeOptions options)
    {
        Module = module;
        Options = options;
        var lengths = new List<int>();
        blocks = [.. module.Blocks.Select(block => new BlockCompiler(module, options.ChunkTokens, lengths).Compile(block))];
        stateLengths = [.. lengths];
        workers = new Workers(options.Threads);
        arena = new float[blocks.Max(block => block.ArenaLength)];
        carry = new float[checked(options.ChunkTokens * blocks.Max(block => block.Parameter.Width))];
        ids = new int[options.ChunkTokens];
    }

    /// <summary>The module.</summary>
    public Module Module { get; }

    /// <summary>How it is run.</summary>
    public RuntimeOptions Options { get; }

    /// <summary>Rows of the head: ids and logits run from 0 to this.</summary>
    public int VocabularyRows => Module.VocabularyRows;

    /// <summary>A state at the start of a sequence.</summary>
    public ModelState NewState() => new(stateLengths);

    /// <summary>Runs tokens from where the state stands and moves it on.</summary>
    /// <param name="state">The state.</param>
    /// <param name="tokens">Ids, each in 0 .. <see cref="VocabularyRows"/>.</param>
    /// <param name="sink">Receives the logits of all tokens, or null to compute none.</param>
    /// <param name="observer">Sees the result of every block, and the values in it if it is an <see cref="IValueObserver"/>; or null.</param>
    /// <param name="cancellation">Stops the run between chunks; the state is then of no use.</param>
    public void Run(ModelState state, ReadOnlySpan<int> tokens, LogitsSink? sink, IRunObserver? observer = null, CancellationToken cancellation = default)
    {
        for (var first = 0; first < tokens.Length; first += Options.ChunkTokens)
        {
            cancellation.ThrowIfCancellationRequested();
            var chunk = tokens.Slice(first, Math.Min(Options.ChunkTokens, tokens.Length - first));
            RunBlocks(state, chunk, sink is null ? blocks.Length - 1 : blocks.Length, first, observer);
            if (sink is not null)
                sink(first, new Rows(arena.AsSpan(blocks[^1].Return.Offset), chunk.Length, VocabularyRows));
        }
    }

    /// <summary>Runs tokens and gives the logits of the last one only.</summary>
    public ReadOnlySpan<float> RunToLast(ModelState state, scoped ReadOnlySpan<int> tokens, CancellationToken cancellation = default)
    {
        Run(state, tokens[..^1], null, cancellation: cancellation);
        RunBlocks(state, tokens[^1..], blocks.Length, tokens.Length - 1, null);
        return arena.AsSpan(blocks[^1].Return.Offset, VocabularyRows);
    }

    private void RunBlocks(ModelState state, ReadOnlySpan<int> tokens, int count, int first, IRunObserver? observer)
    {
        tokens.CopyTo(ids);
        var frame = new Frame(arena, ids, state.Buffers, workers) { Tokens = tokens.Length };
        for (var i = 0; i < count; i++)
        {
            var block = blocks[i];
            if (!block.TakesIds)
                carry.AsSpan(0, tokens.Length * block.Parameter.Width).CopyTo(arena.AsSpan(block.Parameter.Offset));
            foreach (var node in block.Nodes)
                node.Run(frame);
            if (observer is IValueObserver values && values.Wants(i))
                Show(values, i, first, frame);
            var result = frame.Read(block.Return);
            observer?.OnBlock(i, first, result);
            if (i + 1 < count)
                CopyTo(result, carry);
        }
    }

    private void Show(IValueObserver observer, int block, int first, Frame frame)
    {
        foreach (var (name, slot) in blocks[block].Values)
            observer.OnValue(block, name, first, frame.Read(slot));
    }

    private static void CopyTo(Rows rows, Span<float> destination)
    {
        for (var t = 0; t < rows.Count; t++)
            rows[t].CopyTo(destination[(t * rows.Width)..]);
    }
}
