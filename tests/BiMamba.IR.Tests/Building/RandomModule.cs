namespace BiMamba.IR.Tests;

/// <summary>
/// A module of random ops that a rewrite can meet: splits of splits, scales of ones, norms without and with weights,
/// linears of one input, shared resources, biases of zeros, values that nobody reads.
/// </summary>
internal sealed class RandomModule
{
    private const int Vocabulary = 7;
    private readonly Numbers numbers;
    private readonly Weights weights;
    private readonly List<(string Name, int Width)> values = [];
    private readonly int width;
    private int count;

    private RandomModule(int seed)
    {
        numbers = new Numbers(seed);
        weights = new Weights(seed + 1_000_000);
        width = 2 + numbers.Below(19);
    }

    /// <summary>Ids that the embedding has.</summary>
    public static int[] Ids => [0, 1, 2, 3, 4, 5, 6, 6, 0];

    /// <summary>The module at level float.</summary>
    public static Module Build(int seed) => new RandomModule(seed).Build();

    private Module Build()
    {
        var embed = weights.Embed(weights.Random("embedding.weight", 1, Vocabulary, width));
        Block[] layers = [.. Enumerable.Range(0, 1 + numbers.Below(2)).Select(Layer)];
        var head = weights.Block("head", "h", width);
        head.Add("n", OpCode.RmsNorm, [("x", "h")], (Attributes.Eps, new AttributeValue.Float(1e-5)));
        head.Add("logits", OpCode.LmHead, [("x", "n"), ("weight", weights.Random("lm_head.weight", 1, Vocabulary, width)), ("bias", Vector("lm_head.bias", Vocabulary, 0))]);
        return new Module("random", Level.Float, [], weights.Map, [embed, .. layers, head.Return("logits")]);
    }

    private Block Layer(int index)
    {
        var prefix = $"layers.{index}";
        var layer = weights.Block(prefix, "r", width);
        values.Clear();
        values.Add(("r", width));
        for (var step = 5 + numbers.Below(12); step > 0; step--)
            Add(layer, prefix);
        var (last, columns) = values[^1];
        var o = layer.Add("o", OpCode.Linear, [("x", last), ("weight", weights.Random(prefix + ".out.weight", 0.4f, width, columns))]);
        return layer.Return(numbers.Below(3) == 0 ? o : layer.Add("s", OpCode.Add, [("a", "r"), ("b", o)]));
    }

    private void Add(BlockBuilder layer, string prefix)
    {
        // The last values are taken more often, so that ops follow each other.
        var (x, n) = values[Math.Max(0, values.Count - 1 - (numbers.Below(3) == 0 ? numbers.Below(values.Count) : 0))];
        var (name, result) = ($"{prefix}.{count}", $"v{count++}");
        (AttributeInfo, AttributeValue) eps = (Attributes.Eps, new AttributeValue.Float(1e-5));
        switch (numbers.Below(11))
        {
            case 0:
                layer.Add(result, OpCode.Scale, [("x", x), ("weight", Vector(name + ".scale", n, 1) ?? weights.Norm(name + ".scale", n))]);
                break;
            case 1 or 2:
                layer.Add(result, OpCode.RmsNorm, [("x", x), ("weight", Vector(name + ".norm", n, 1))], eps);
                values.Add((result, n));
                layer.Add(result += "t", OpCode.Scale, [("x", values[^1].Name), ("weight", weights.Norm(name + ".factor", n))]);
                break;
            case 3:
                var z = values.Where(value => value.Width == n).Last();
                layer.Add(result, OpCode.GatedRmsNorm, [("x", x), ("z", z.Name), ("weight", weights.Norm(name + ".norm", n))], eps, (Attributes.NormGroupSize, new AttributeValue.Int(n)), (Attributes.NormBeforeGate, new AttributeValue.Bool(numbers.Below(2) == 0)));
                break;
            case 4 or 5:
                AddLinears(layer, name, result, x, n);
                return;
            case 6 or 8 or 9 when n > 1:
                AddSplit(layer, result, x, n);
                return;
            case 7:
                layer.Add(result, OpCode.CausalConv1d, [("x", x), ("weight", weights.Random(name + ".conv", 0.7f, n, 1, 1 + numbers.Below(3))), ("bias", Vector(name + ".bias", n, 0))], (Attributes.Activation, new AttributeValue.Word(numbers.Below(4) == 0 ? "silu" : "none")));
                values.Add((result, n));
                layer.Add(result += "a", OpCode.Silu, [("x", values[^1].Name)]);
                break;
            default:
                layer.Add(result, OpCode.Silu, [("x", x)]);
                break;
        }

        values.Add((result, n));
    }

    private void AddLinears(BlockBuilder layer, string name, string result, string x, int columns)
    {
        for (var sibling = numbers.Below(3); sibling >= 0; sibling--)
        {
            var rows = 1 + numbers.Below(12);
            layer.Add($"{result}_{sibling}", OpCode.Linear, [("x", x), ("weight", weights.Random($"{name}.{sibling}.weight", 0.5f, rows, columns)), ("bias", Vector($"{name}.{sibling}.bias", rows, 0))]);
            values.Add(($"{result}_{sibling}", rows));
        }
    }

    private void AddSplit(BlockBuilder layer, string result, string x, int columns)
    {
        var first = 1 + numbers.Below(columns - 1);
        layer.AddMany([result + "l", result + "r"], OpCode.Split, [("x", x)], (Attributes.Sizes, new AttributeValue.Ints([first, columns - first])));
        if (first == 1)
        {
            layer.AddMany([result], OpCode.Split, [("x", result + "l")], (Attributes.Sizes, new AttributeValue.Ints([1])));
            values.Add((result, 1));
        }
        else
        {
            layer.AddMany([result, result + "m"], OpCode.Split, [("x", result + "l")], (Attributes.Sizes, new AttributeValue.Ints([1, first - 1])));
            values.Add((result, 1));
            values.Add((result + "m", first - 1));
        }

        values.Add((result + "r", columns - first));
    }

    /// <summary>A vector, one of equal numbers, or none.</summary>
    private string? Vector(string name, int length, float neutral) => numbers.Below(3) switch
    {
        0 => null,
        1 => weights.Put(name, [.. Enumerable.Repeat(neutral, length)], length),
        _ => weights.Random(name, 0.8f, length),
    };
}
