using BiMamba.Runtime;
using BiMamba.Runtime.Memory;
using BiMamba.Runtime.Threads;

namespace BiMamba.IR.Tests;

/// <summary>A split costs nothing at run time: its parts are columns of its input.</summary>
public sealed class SplitViewTests
{
    private const int Chunk = 6;

    [Fact]
    public void A_split_has_no_node_and_no_place_of_its_own()
    {
        var module = new FusableSample().Build();
        var fused = Running.Apply(module, "fuse | canonicalize");
        var (before, after) = (Compile(module), Compile(fused));
        // n, stack, conv, y, g, o, s: eight ops, of which the split is none.
        Assert.Equal(fused.Blocks[1].Body.Length - 1, after.Nodes.Length);
        var values = new[] { fused.Blocks[1].Parameter }.Concat(fused.Blocks[1].Body.Where(op => op.Code != OpCode.Split).SelectMany(op => op.Results));
        // Every value begins at a cache line.
        Assert.Equal(values.Sum(value => ((Chunk * value.Type.Width) + 15) / 16 * 16), after.ArenaLength);
        Assert.True(after.ArenaLength < before.ArenaLength);
    }

    [Fact]
    public void Parts_lie_in_their_whole()
    {
        var weights = new Weights(1);
        weights.Random("embedding.weight", 1, 3, 10);
        var block = weights.Block("b", "x", 10);
        block.AddMany(["p", "q"], OpCode.Split, [("x", "x")], (Attributes.Sizes, new AttributeValue.Ints([3, 7])));
        block.AddMany(["s", "t"], OpCode.Split, [("x", "q")], (Attributes.Sizes, new AttributeValue.Ints([2, 5])));
        foreach (var (name, column, width) in (ReadOnlySpan<(string, int, int)>)[("p", 0, 3), ("q", 3, 7), ("s", 3, 2), ("t", 5, 5)])
        {
            var compiled = new BlockCompiler(new Module("m", Level.Float, [], weights.Map, []), Chunk, new StateLayout(StateType.F32)).Compile(block.Return(name));
            // Only what a block returns is copied, into one piece; the first thing in the arena is the parameter.
            Assert.Single(compiled.Nodes);
            Assert.Equal((((Chunk * 10) + 15) / 16 * 16) + (((Chunk * width) + 15) / 16 * 16), compiled.ArenaLength);
            Assert.Equal(0, compiled.Parameter.Offset);
            var arena = new AlignedFloats(compiled.ArenaLength);
            for (var i = 0; i < arena.Length; i++)
                arena.Span[i] = i;
            var frame = new Frame(arena, [], new Team(1));
            frame.Select(0, Chunk);
            compiled.Nodes[0].Run(frame);
            for (var t = 0; t < Chunk; t++)
                Assert.Equal(Enumerable.Range((t * 10) + column, width).Select(i => (float)i), arena.Span.Slice(compiled.Return.Offset + (t * width), width).ToArray());
        }
    }

    private static CompiledBlock Compile(Module module) => new BlockCompiler(module, Chunk, new StateLayout(StateType.F32)).Compile(module.Blocks[1]);
}
