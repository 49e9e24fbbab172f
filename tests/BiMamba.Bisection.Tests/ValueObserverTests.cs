using BiMamba.Bisection.Running;
using BiMamba.Runtime;

namespace BiMamba.Bisection;

/// <summary>An observer of values sees each of them, whatever the chunks are.</summary>
public class ValueObserverTests
{
    private const int Block = 3;

    [Fact]
    public void Every_value_of_the_wanted_block_is_seen_and_its_result_is_that_of_the_block()
    {
        using var model = GoldenModels.Import(GoldenModels.Float);
        var block = model.Module.Blocks[Block];
        var ids = BisectionRequest.DefaultIds(256);
        var whole = Runs(128).Run(model.Module, ids, Block);
        var blocks = Runs(128).Reference(model.Module, ids, whole.Logits).Blocks;
        Assert.Equal(model.Module.Blocks.Length - 1, blocks.Count);
        Assert.Equal(block.Body.SelectMany(op => op.Results).Prepend(block.Parameter).Select(value => value.Name), whole.Values.Keys);
        Assert.Equal(blocks[Block].Values, whole.Values[block.Return].Values);
        Assert.Equal(blocks[Block - 1].Values, whole.Values[block.Parameter.Name].Values);
        Assert.All(block.Body.SelectMany(op => op.Results), value => Assert.Equal(value.Type.Width, whole.Values[value.Name].Width));
        var pieces = Runs(5).Run(model.Module, ids, Block);
        Assert.All(whole.Values, value => Assert.Equal(value.Value.Values, pieces.Values[value.Key].Values));

        static ModuleRun Runs(int chunk) => new(new RuntimeOptions(2, chunk), TestContext.Current.CancellationToken);
    }
}
