using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Runtime.Memory;
using BiMamba.Runtime.Threads;

namespace BiMamba.Runtime;

/// <summary>Receives the result of a block, some tokens at a time.</summary>
/// <param name="firstToken">Index of the first of these tokens in the sequence.</param>
/// <param name="values">[tokens, width], valid during the call.</param>
internal delegate void BlockSink(int firstToken, Rows values);

/// <summary>Runs one block, or the beginning of one, over whole sequences.</summary>
internal sealed class BlockRunner
{
    private readonly RuntimeOptions options;
    private readonly StateLayout layout;
    private readonly CompiledBlock compiled;
    private readonly AlignedFloats arena;
    private readonly Frame frame;
    private readonly int[] noIds;

    /// <summary>Makes a block ready.</summary>
    /// <param name="module">The weights.</param>
    /// <param name="block">The block.</param>
    /// <param name="value">The value that is wanted; what is computed behind it is left out.</param>
    /// <param name="options">How it is run.</param>
    public BlockRunner(Module module, Block block, string value, RuntimeOptions options)
    {
        this.options = options;
        var last = block.Body.Select((op, index) => (op, index)).Where(pair => pair.op.Results.Any(result => result.Name == value)).Select(pair => pair.index).DefaultIfEmpty(-1).Single();
        layout = new StateLayout(options.StateType);
        compiled = new BlockCompiler(module, options.ChunkTokens, layout).Compile(block with { Body = block.Body[..(last + 1)], Return = value });
        arena = new AlignedFloats(compiled.ArenaLength);
        noIds = new int[options.ChunkTokens];
        frame = new Frame(arena, new int[options.ChunkTokens], new Team(options.Threads)) { Engine = options.Engine };
    }

    /// <summary>Features of the result.</summary>
    public int Width => compiled.Return.Width;

    /// <summary>Runs a sequence from its start.</summary>
    /// <param name="ids">Its ids, for a block that takes them.</param>
    /// <param name="input">[tokens, features], for other blocks.</param>
    /// <param name="sink">Receives the result.</param>
    /// <param name="cancellation">Stops the run between ops.</param>
    public void Run(ReadOnlySpan<int> ids, Rows input, BlockSink sink, CancellationToken cancellation)
    {
        var state = new ModelState(layout);
        var tokens = compiled.TakesIds ? ids.Length : input.Count;
        for (var first = 0; first < tokens; first += options.ChunkTokens)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(options.ChunkTokens, tokens - first);
            frame.Clear();
            frame.Add(0, state, compiled.TakesIds ? ids.Slice(first, count) : noIds.AsSpan(0, count));
            if (!compiled.TakesIds)
                input.Slice(first, count).Values[..(count * input.Width)].CopyTo(arena.Span[compiled.Parameter.Offset..]);
            foreach (var node in compiled.Nodes)
            {
                cancellation.ThrowIfCancellationRequested();
                node.Run(frame);
            }

            sink(first, frame.Read(compiled.Return));
        }
    }
}
