using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Runtime.Memory;
using BiMamba.Runtime.Threads;
using BiMamba.Tensors;

namespace BiMamba.Runtime;

/// <summary>Receives logits, some tokens at a time.</summary>
/// <param name="firstToken">Index of the first of these tokens in this run.</param>
/// <param name="logits">[tokens, stored vocabulary rows], valid during the call.</param>
public delegate void LogitsSink(int firstToken, Rows logits);

/// <summary>
/// Runs a verified module of any level over token ids, in fp32, with carried state. What equals what in every bit is
/// said at <see cref="Engine"/>. Not safe for concurrent use; several runners may share a module.
/// </summary>
public sealed partial class ModelRunner
{
    // Logits of so many tokens are in memory at once: those of a window would be larger than the model.
    private const int HeadTokens = 48;

    private readonly ImmutableArray<CompiledBlock> blocks;
    private readonly StateLayout layout;
    private readonly AlignedFloats arena;
    private readonly AlignedFloats headInput;
    private readonly Frame frame;
    private readonly ImmutableArray<FileMap> files;

    /// <summary>Makes a module ready: small weights become fp32, large ones are read where they lie.</summary>
    public ModelRunner(Module module, RuntimeOptions options)
    {
        Module = module;
        Options = options;
        files = [.. module.Files];
        layout = new StateLayout(options.StateType);
        var last = module.Blocks.Length - 1;
        blocks = [.. module.Blocks.Select((block, i) => new BlockCompiler(module, i < last ? options.ChunkTokens : HeadRows, layout).Compile(block))];
        Scans = layout.Scans;
        arena = new AlignedFloats(blocks.Max(block => block.ArenaLength));
        headInput = new AlignedFloats(checked(options.ChunkTokens * blocks[^1].Parameter.Width));
        frame = new Frame(arena, new int[options.ChunkTokens], new Team(options.Threads)) { Engine = options.Engine };
    }

    /// <summary>The module.</summary>
    public Module Module { get; }

    /// <summary>How it is run.</summary>
    public RuntimeOptions Options { get; }

    /// <summary>The scans, in order of execution; <see cref="ModelState.Scan"/> sees their states.</summary>
    public ImmutableArray<ScanSlot> Scans { get; }

    /// <summary>Rows of the head: ids and logits run from 0 to this.</summary>
    public int VocabularyRows => Module.VocabularyRows;

    private int HeadRows => Math.Min(HeadTokens, Options.ChunkTokens);

    /// <summary>A state at the start of a sequence.</summary>
    public ModelState NewState() => new(layout);

    /// <summary>Runs tokens from where the state stands and moves it on.</summary>
    /// <param name="state">The state.</param>
    /// <param name="tokens">Ids, each in 0 .. <see cref="VocabularyRows"/>.</param>
    /// <param name="sink">Receives the logits of all tokens, or null to compute none.</param>
    /// <param name="observer">Sees the result of every block, and the values in it if it is an <see cref="IValueObserver"/>; or null.</param>
    /// <param name="cancellation">Stops the run between blocks; the state is then of no use.</param>
    /// <exception cref="InputChangedException">A file of weights is not what it was when it was opened.</exception>
    public void Run(ModelState state, ReadOnlySpan<int> tokens, LogitsSink? sink, IRunObserver? observer = null, CancellationToken cancellation = default)
    {
        CheckFiles();
        for (var first = 0; first < tokens.Length; first += Options.ChunkTokens)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Fill(state, tokens, first);
            RunLayers(first, observer, cancellation);
            for (var row = 0; sink is not null && row < count; row += HeadRows)
                sink(first + row, RunHead(row, Math.Min(HeadRows, count - row), first, observer));
        }
    }

    /// <summary>Runs tokens and gives the logits of the last one only.</summary>
    /// <exception cref="InputChangedException">A file of weights is not what it was when it was opened.</exception>
    public ReadOnlySpan<float> RunToLast(ModelState state, scoped ReadOnlySpan<int> tokens, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length);
        CheckFiles();
        var (first, count) = (0, 0);
        for (; first < tokens.Length; first += count)
        {
            cancellation.ThrowIfCancellationRequested();
            count = Fill(state, tokens, first);
            RunLayers(first, null, cancellation);
        }

        return RunHead(count - 1, 1, first - count, null).Values;
    }

    /// <summary>Finds between windows what would end the process within one: weights are read from maps.</summary>
    private void CheckFiles()
    {
        foreach (var file in files)
            file.ThrowIfChanged();
    }

    private int Fill(ModelState state, ReadOnlySpan<int> tokens, int first)
    {
        var count = Math.Min(Options.ChunkTokens, tokens.Length - first);
        frame.Clear();
        frame.Add(0, state, tokens.Slice(first, count));
        return count;
    }

    /// <summary>Runs all blocks but the last and keeps what goes into that.</summary>
    private void RunLayers(int first, IRunObserver? observer, CancellationToken cancellation)
    {
        for (var i = 0; i + 1 < blocks.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var result = RunBlock(i, first, observer);
            var next = i + 2 < blocks.Length ? arena.Span[blocks[i + 1].Parameter.Offset..] : headInput.Span;
            // Parameter and result may overlap where widths differ.
            result.Values[..(result.Count * result.Width)].CopyTo(next);
        }
    }

    /// <summary>The logits of some rows of the frame.</summary>
    private Rows RunHead(int row, int count, int first, IRunObserver? observer)
    {
        var head = blocks[^1];
        frame.Select(row, count);
        if (!head.TakesIds)
            headInput.Span.Slice(row * head.Parameter.Width, count * head.Parameter.Width).CopyTo(arena.Span[head.Parameter.Offset..]);
        return RunBlock(blocks.Length - 1, first + row, observer);
    }

    private Rows RunBlock(int index, int first, IRunObserver? observer)
    {
        var block = blocks[index];
        foreach (var node in block.Nodes)
            node.Run(frame);
        if (observer is IValueObserver values && values.Wants(index))
        {
            foreach (var (name, slot) in block.Values)
                values.OnValue(index, name, first, frame.Read(slot));
        }

        var result = frame.Read(block.Return);
        observer?.OnBlock(index, first, result);
        return result;
    }
}
