namespace BiMamba.IR.Tests;

/// <summary>A Mamba-1 model of one layer in full precision.</summary>
internal static class Mamba1Sample
{
    public const int Vocabulary = 9;
    private const int Width = 10;
    private const int Inner = 18;
    private const int Rank = 2;
    private const int StateSize = 4;

    /// <summary>The module at level float.</summary>
    public static Module Build(int convWidth = 3)
    {
        var weights = new Weights(2);
        var embed = weights.Embed(weights.Random("embedding.weight", 1, Vocabulary, Width));
        var layer = Layer(weights, convWidth);
        var head = weights.Block("head", "h", Width);
        head.Add("n", OpCode.RmsNorm, [("x", "h"), ("weight", null)], (Attributes.Eps, new AttributeValue.Float(1e-5)));
        head.Add("logits", OpCode.LmHead, [("x", "n"), ("weight", weights.Random("lm_head.weight", 1, Vocabulary, Width)), ("bias", weights.Random("lm_head.bias", 1, Vocabulary))]);
        return new Module("mamba1", Level.Float, [], weights.Map, [embed, layer, head.Return("logits")]);
    }

    private static Block Layer(Weights weights, int convWidth)
    {
        var layer = weights.Block("layers.0", "r", Width);
        layer.Add("n", OpCode.RmsNorm, [("x", "r"), ("weight", weights.Norm("layers.0.norm.weight", Width))], (Attributes.Eps, new AttributeValue.Float(1e-5)));
        layer.Add("p", OpCode.Linear, [("x", "n"), ("weight", weights.Random("layers.0.in_proj.weight", 0.5f, 2 * Inner, Width))]);
        Split(layer, "p", ["u", "z"], Inner, Inner);
        layer.Add("conv", OpCode.CausalConv1d, [("x", "u"), ("weight", weights.Random("layers.0.conv.weight", 0.7f, Inner, 1, convWidth))]);
        layer.Add("s", OpCode.Silu, [("x", "conv")]);
        layer.Add("q", OpCode.Linear, [("x", "s"), ("weight", weights.Random("layers.0.x_proj.weight", 0.5f, Rank + (2 * StateSize), Inner))]);
        Split(layer, "q", ["low", "b", "c"], Rank, StateSize, StateSize);
        layer.Add("dt", OpCode.Linear, [("x", "low"), ("weight", weights.Random("layers.0.dt_proj.weight", 0.5f, Inner, Rank))]);
        layer.Add("y", OpCode.SelectiveScan,
        [
            ("x", "s"), ("dt", "dt"), ("b", "b"), ("c", "c"), ("z", "z"),
            ("a_log", weights.Random("layers.0.a_log", 0.8f, Inner, StateSize)), ("d", weights.Random("layers.0.d", 1, Inner)), ("dt_bias", weights.Random("layers.0.dt_bias", 0.5f, Inner)),
        ]);
        layer.Add("o", OpCode.Linear, [("x", "y"), ("weight", weights.Random("layers.0.out_proj.weight", 0.5f, Width, Inner)), ("bias", weights.Random("layers.0.out_proj.bias", 0.1f, Width))]);
        return layer.Return(layer.Add("sum", OpCode.Add, [("a", "r"), ("b", "o")]));
    }

    private static void Split(BlockBuilder layer, string x, string[] parts, params long[] sizes) =>
        layer.AddMany(parts, OpCode.Split, [("x", x)], (Attributes.Sizes, new AttributeValue.Ints([.. sizes])));
}
