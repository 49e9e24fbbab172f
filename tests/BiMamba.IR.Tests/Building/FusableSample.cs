namespace BiMamba.IR.Tests;

/// <summary>
/// A Mamba-2 layer as somebody writes it who leaves the work to the compiler: every projection has a weight of its own,
/// norms are followed by scales, convolutions by activations, a part of a split is split again, and one scale is all ones.
/// </summary>
internal sealed record FusableSample
{
    public const int Vocabulary = 11;
    public const int Width = 12;
    public const int Heads = 4;
    public const int StateSize = 3;
    public const int Inner = 20;
    public const double Eps = 1e-5;

    /// <summary>Where the numbers come from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Columns that the gated norm takes together.</summary>
    public int NormGroupSize { get; init; } = Inner;

    /// <summary>True where the gated norm comes before its gate.</summary>
    public bool NormBeforeGate { get; init; }

    /// <summary>True for a first norm with a weight; false for ones.</summary>
    public bool HasNormWeight { get; init; } = true;

    /// <summary>The module at level float.</summary>
    public Module Build()
    {
        var weights = new Weights(Seed);
        var embed = weights.Embed(weights.Random("embedding.weight", 1, Vocabulary, Width));
        var layer = weights.Block("layers.0", "r", Width);
        Project(weights, layer);
        Mix(weights, layer);
        var head = weights.Block("head", "h", Width);
        head.Add("n", OpCode.RmsNorm, [("x", "h")], (Attributes.Eps, new AttributeValue.Float(Eps)));
        head.Add("t", OpCode.Scale, [("x", "n"), ("weight", weights.Norm("norm.scale", Width))]);
        head.Add("logits", OpCode.LmHead, [("x", "t"), ("weight", weights.Random("lm_head.weight", 1, Vocabulary, Width))]);
        return new Module("fusable", Level.Float, [], weights.Map, [embed, layer.Return("s"), head.Return("logits")]);
    }

    private void Project(Weights weights, BlockBuilder layer)
    {
        layer.Add("n", OpCode.RmsNorm, [("x", "r"), ("weight", HasNormWeight ? weights.Norm("layers.0.norm.weight", Width) : null)], (Attributes.Eps, new AttributeValue.Float(Eps)));
        layer.Add("m", OpCode.Scale, [("x", "n"), ("weight", weights.Norm("layers.0.norm.scale", Width))]);
        Linear(weights, layer, "z", "m", "layers.0.z_proj", Inner, Width, hasBias: false);
        Linear(weights, layer, "x", "m", "layers.0.x_proj", Inner, Width, hasBias: true);
        Linear(weights, layer, "q", "m", "layers.0.q_proj", (2 * StateSize) + Heads, Width, hasBias: false);
        layer.AddMany(["b", "rest"], OpCode.Split, [("x", "q")], Sizes(StateSize, StateSize + Heads));
        layer.AddMany(["c", "dt"], OpCode.Split, [("x", "rest")], Sizes(StateSize, Heads));
    }

    private void Mix(Weights weights, BlockBuilder layer)
    {
        layer.Add("conv", OpCode.CausalConv1d, [("x", "x"), ("weight", weights.Random("layers.0.conv.weight", 0.7f, Inner, 1, 4)), ("bias", weights.Random("layers.0.conv.bias", 0.3f, Inner))]);
        layer.Add("u", OpCode.Silu, [("x", "conv")]);
        layer.Add(
            "y",
            OpCode.SsdScan,
            [
                ("x", "u"), ("dt", "dt"), ("b", "b"), ("c", "c"), ("a_log", weights.Random("layers.0.a_log", 0.8f, Heads)),
                ("d", weights.Random("layers.0.d", 1, Heads)), ("dt_bias", weights.Random("layers.0.dt_bias", 0.5f, Heads)),
            ],
            (Attributes.Heads, new AttributeValue.Int(Heads)), (Attributes.Groups, new AttributeValue.Int(1)));
        layer.Add(
            "g",
            OpCode.GatedRmsNorm,
            [("x", "y"), ("z", "z"), ("weight", weights.Norm("layers.0.gate_norm.weight", Inner))],
            (Attributes.Eps, new AttributeValue.Float(Eps)), (Attributes.NormGroupSize, new AttributeValue.Int(NormGroupSize)), (Attributes.NormBeforeGate, new AttributeValue.Bool(NormBeforeGate)));
        layer.Add("k", OpCode.Scale, [("x", "g"), ("weight", weights.Norm("layers.0.gate_norm.scale", Inner))]);
        Linear(weights, layer, "o", "k", "layers.0.out_proj", Width, Inner, hasBias: true);
        layer.Add("i", OpCode.Scale, [("x", "o"), ("weight", weights.Put("layers.0.out_proj.ones", [.. Enumerable.Repeat(1f, Width)], Width))]);
        layer.Add("s", OpCode.Add, [("a", "r"), ("b", "i")]);
    }

    private static void Linear(Weights weights, BlockBuilder layer, string result, string x, string prefix, int rows, int columns, bool hasBias) => layer.Add(
        result,
        OpCode.Linear,
        [("x", x), ("weight", weights.Random(prefix + ".weight", 0.5f, rows, columns)), ("bias", hasBias ? weights.Random(prefix + ".bias", 0.1f, rows) : null)]);

    private static (AttributeInfo Key, AttributeValue Value) Sizes(params long[] sizes) =>
        (Attributes.Sizes, new AttributeValue.Ints([.. sizes]));
}
