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
        var whole = Run(128);
        Assert.Equal(block.Body.SelectMany(op => op.Results).Prepend(block.Parameter).Select(value => value.Name), whole.Values.Keys);
        Assert.Equal(whole.Blocks[Block].Values, whole.Values[block.Return].Values);
        Assert.Equal(whole.Blocks[Block - 1].Values, whole.Values[block.Parameter.Name].Values);
        Assert.All(block.Body.SelectMany(op => op.Results), value => Assert.Equal(value.Type.Width, whole.Values[value.Name].Width));
        var pieces = Run(5);
        Assert.All(whole.Values, value => Assert.Equal(value.Value.Values, pieces.Values[value.Key].Values));

        Trace Run(int chunk) => new ModuleRun(new RuntimeOptions(2, chunk), TestContext.Current.CancellationToken).Run(model.Module, ids, keepsBlocks: true, valuesOf: Block);
    }
}
