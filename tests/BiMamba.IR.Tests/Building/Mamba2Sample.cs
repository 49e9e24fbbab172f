namespace BiMamba.IR.Tests;

/// <summary>A Bi-Mamba model of one layer, small enough to compute by hand.</summary>
internal sealed record Mamba2Sample
{
    public const int Vocabulary = 11;
    public const int Width = 12;
    public const int Heads = 4;
    public const int HeadDim = 5;
    public const int StateSize = 3;
    public const int Inner = Heads * HeadDim;
    public const double Eps = 1e-5;

    public int Groups { get; init; } = 2;

    public int ConvWidth { get; init; } = 4;

    public bool DPerChannel { get; init; }

    public bool NormBeforeGate { get; init; }

    public int NormGroupSize { get; init; } = Inner;

    public double DtMin { get; init; }

    public double DtMax { get; init; } = double.PositiveInfinity;

    public int Seed { get; init; } = 1;

    public int ConvChannels => Inner + (2 * Groups * StateSize);

    public int Projected => Inner + ConvChannels + Heads;

    /// <summary>The module at level fbi.</summary>
    public Module Build()
    {
        var weights = new Weights(Seed);
        var embed = weights.Embed(weights.Random("embedding.weight", 1, Vocabulary, Width));
        var layer = Layer(weights);
        var head = weights.Block("head", "h", Width);
        head.Add("n", OpCode.RmsNorm, [("x", "h"), ("weight", weights.Norm("norm.weight", Width))], (Attributes.Eps, new AttributeValue.Float(Eps)));
        head.Add("logits", OpCode.LmHead, [("x", "n"), ("weight", "embedding.weight")]);
        return new Module(
            "sample",
            Level.Fbi,
            [new("d_model", new AttributeValue.Int(Width)), new("tied", new AttributeValue.Bool(true)), new("arch", new AttributeValue.Word("bimamba2"))],
            weights.Map,
            [embed, layer, head.Return("logits")]);
    }

    private Block Layer(Weights weights)
    {
        var layer = weights.Block("layers.0", "r", Width);
        layer.Add("n", OpCode.RmsNorm, [("x", "r"), ("weight", weights.Norm("layers.0.norm.weight", Width))], (Attributes.Eps, new AttributeValue.Float(Eps)));
        Linear(weights, layer, "p", "n", "layers.0.in_proj", Projected, Width);
        layer.AddMany(["z", "xbc", "dt"], OpCode.Split, [("x", "p")], Sizes(Inner, ConvChannels, Heads));
        layer.Add(
            "conv",
            OpCode.CausalConv1d,
            [("x", "xbc"), ("weight", weights.Random("layers.0.conv.weight", 0.7f, ConvChannels, 1, ConvWidth)), ("bias", weights.Random("layers.0.conv.bias", 0.3f, ConvChannels))],
            (Attributes.Activation, new AttributeValue.Word("silu")));
        layer.AddMany(["u", "b", "c"], OpCode.Split, [("x", "conv")], Sizes(Inner, Groups * StateSize, Groups * StateSize));
        layer.Add("y", OpCode.SsdScan, Scan(weights),
            (Attributes.Heads, new AttributeValue.Int(Heads)), (Attributes.Groups, new AttributeValue.Int(Groups)),
            (Attributes.DtMin, new AttributeValue.Float(DtMin)), (Attributes.DtMax, new AttributeValue.Float(DtMax)));
        layer.Add(
            "g",
            OpCode.GatedRmsNorm,
            [("x", "y"), ("z", "z"), ("weight", weights.Norm("layers.0.gate_norm.weight", Inner))],
            (Attributes.Eps, new AttributeValue.Float(Eps)), (Attributes.NormGroupSize, new AttributeValue.Int(NormGroupSize)), (Attributes.NormBeforeGate, new AttributeValue.Bool(NormBeforeGate)));
        Linear(weights, layer, "o", "g", "layers.0.out_proj", Width, Inner);
        return layer.Return(layer.Add("s", OpCode.Add, [("a", "r"), ("b", "o")]));
    }

    private (string Role, string? Name)[] Scan(Weights weights) =>
    [
        ("x", "u"), ("dt", "dt"), ("b", "b"), ("c", "c"),
        ("a_log", weights.Random("layers.0.a_log", 0.8f, Heads)),
        ("d", weights.Random("layers.0.d", 1, DPerChannel ? Inner : Heads)),
        ("dt_bias", weights.Random("layers.0.dt_bias", 0.5f, Heads)),
    ];

    private static void Linear(Weights weights, BlockBuilder layer, string result, string x, string prefix, int rows, int columns) => layer.Add(
        result,
        OpCode.FbiLinear,
        [
            ("x", x), ("latent", weights.Random(prefix + ".weight", 0.02f, rows, columns)),
            ("scale", weights.Random(prefix + ".scale", 0.4f, 1, columns)), ("shift", weights.Random(prefix + ".shift", 0.05f, 1, columns)),
            ("bias", weights.Random(prefix + ".bias", 0.1f, rows)),
        ],
        (Attributes.Pattern, new AttributeValue.Word("column")));

    private static (AttributeInfo Key, AttributeValue Value) Sizes(params long[] sizes) =>
        (Attributes.Sizes, new AttributeValue.Ints([.. sizes]));
}
