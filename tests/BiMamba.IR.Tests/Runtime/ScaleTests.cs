using BiMamba.Tensors;

namespace BiMamba.IR.Tests;

/// <summary>The op scale, run.</summary>
public sealed class ScaleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(37)]
    public void Each_feature_is_multiplied_once(int width)
    {
        const int Ids = 5;
        var weights = new Weights(width);
        var embed = weights.Embed(weights.Random("embedding.weight", 1, Ids, width));
        var layer = weights.Block("layers.0", "r", width);
        layer.Add("y", OpCode.Scale, [("x", "r"), ("weight", weights.Random("layers.0.scale", 3, width))]);
        var head = weights.Block("head", "h", width);
        head.Add("logits", OpCode.LmHead, [("x", "h"), ("weight", weights.Random("lm_head.weight", 1, Ids, width))]);
        var module = new Module("scaled", Level.Float, [], weights.Map, [embed, layer.Return("y"), head.Return("logits")]);

        int[] ids = [3, 0, 4, 4, 1];
        var (x, scale) = (module.Resources["embedding.weight"].Data.ToSingles(), module.Resources["layers.0.scale"].Data.ToSingles());
        float[] expected = [.. ids.SelectMany(id => scale.Select((factor, j) => x[(id * width) + j] * factor))];
        Running.AssertSameBits(expected, Running.BlockResult(module, 1, ids));
        Running.AssertSameBits(expected, Running.BlockResult(module, 1, ids, chunk: 2, threads: 1));
    }

    [Fact]
    public void A_part_of_a_split_is_scaled_in_its_place()
    {
        var weights = new Weights(3);
        var embed = weights.Embed(weights.Random("embedding.weight", 1, 4, 21));
        var layer = weights.Block("layers.0", "r", 21);
        layer.AddMany(["a", "b"], OpCode.Split, [("x", "r")], (Attributes.Sizes, new AttributeValue.Ints([4, 17])));
        layer.Add("y", OpCode.Scale, [("x", "b"), ("weight", weights.Random("layers.0.scale", 3, 17))]);
        var head = weights.Block("head", "h", 17);
        head.Add("logits", OpCode.LmHead, [("x", "h"), ("weight", weights.Random("lm_head.weight", 1, 4, 17))]);
        var module = new Module("scaled", Level.Float, [], weights.Map, [embed, layer.Return("y"), head.Return("logits")]);

        int[] ids = [2, 0, 3];
        var (x, scale) = (module.Resources["embedding.weight"].Data.ToSingles(), module.Resources["layers.0.scale"].Data.ToSingles());
        Running.AssertSameBits([.. ids.SelectMany(id => scale.Select((factor, j) => x[(id * 21) + 4 + j] * factor))], Running.BlockResult(module, 1, ids));
    }
}
