using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Runtime;
using BiMamba.Tensors;
using ValueType = BiMamba.IR.ValueType;

namespace BiMamba.Evaluation.Tests;

/// <summary>A small model of residual layers around a scan: random projections, and steps and rates that a test can set.</summary>
internal sealed record ToyScans
{
    public const int Vocabulary = 6;
    public const int Layers = 3;
    public const int Heads = 2;
    public const int HeadDim = 4;

    /// <summary>The embedding is one-hot, so that the raw step of a channel in the first layer is a number of its own for every token.</summary>
    private const int Width = Vocabulary;
    private const int Inner = Heads * HeadDim;

    /// <summary>True for the scan of Mamba-1.</summary>
    public bool IsMamba1 { get; init; }

    public int StateSize { get; init; } = 3;

    /// <summary>The layer whose input projection is multiplied, or null.</summary>
    public int? ScaledLayer { get; init; }

    public float Factor { get; init; } = 1.25f;

    /// <summary>Added to every log of a rate.</summary>
    public float Rate { get; init; }

    public double DtMin { get; init; }

    public double DtMax { get; init; } = double.PositiveInfinity;

    /// <summary>The raw steps of the first layer before the bias, [steps, vocabulary].</summary>
    public float[] RawSteps => Input(0)[(Inner * Width)..((Inner + Steps) * Width)];

    public float[] Bias => Random(50, Steps);

    /// <summary>[heads], or [channels, n].</summary>
    public float[] RateLogs => [.. Random(60, IsMamba1 ? Inner * StateSize : Heads).Select(value => value + Rate)];

    private int Steps => IsMamba1 ? Inner : Heads;

    private int Projected => Inner + Steps + (2 * StateSize) + (IsMamba1 ? Inner : 0);

    public ModelRunner Runner(int chunkTokens = 16, int threads = 1, StateType state = StateType.F32) => new(Module(), new RuntimeOptions(threads, chunkTokens, StateType: state));

    public Module Module()
    {
        var resources = IR.Module.ResourceMap(Resources());
        var blocks = Enumerable.Range(0, Layers).Select(i => Layer(i, resources));
        var module = new Module("toy", Level.Float, [], resources, [
            Single("embed", new Value("ids", new ValueType(ElementType.I32, ValueType.Tokens)), OpCode.Embedding, "ids", resources), .. blocks,
            Single("head", new Value("x", ValueType.Features(Width)), OpCode.LmHead, "x", resources),
        ]);
        var bag = new DiagnosticBag();
        Assert.True(Verifier.Verify(module, "toy", bag), string.Join('\n', bag.Items));
        return module;
    }

    private IEnumerable<Resource> Resources()
    {
        var embedding = new float[Vocabulary * Width];
        for (var i = 0; i < Vocabulary; i++)
            embedding[(i * Width) + i] = 1;
        yield return new Resource("embed", MemoryTensor.Of(embedding, Shape.Of(Vocabulary, Width)));
        yield return new Resource("head", MemoryTensor.Of(Random(1, Vocabulary * Width), Shape.Of(Vocabulary, Width)));
        yield return new Resource("a_log", MemoryTensor.Of(RateLogs, IsMamba1 ? Shape.Of(Inner, StateSize) : Shape.Of(Heads)));
        yield return new Resource("d", MemoryTensor.Of(Random(70, Steps), Shape.Of(Steps)));
        yield return new Resource("dt_bias", MemoryTensor.Of(Bias, Shape.Of(Steps)));
        for (var i = 0; i < Layers; i++)
        {
            var factor = i == ScaledLayer ? Factor : 1;
            yield return new Resource($"in{i}", MemoryTensor.Of([.. Input(i).Select(weight => weight * factor)], Shape.Of(Projected, Width)));
            yield return new Resource($"out{i}", MemoryTensor.Of(Random(20 + i, Width * Inner), Shape.Of(Width, Inner)));
        }
    }

    private float[] Input(int layer) => Random(10 + layer, Projected * Width);

    private Block Layer(int index, IReadOnlyDictionary<string, Resource> resources)
    {
        var block = new BlockBuilder($"layers.{index}", new Value("x", ValueType.Features(Width)), name => resources[name]);
        block.Add("u", OpCode.Linear, [("x", "x"), ("weight", $"in{index}")]);
        long[] sizes = [Inner, Steps, StateSize, StateSize, Inner];
        string[] names = ["v", "dt", "b", "c", "z"];
        var parts = IsMamba1 ? 5 : 4;
        block.AddMany(names.AsSpan(0, parts), OpCode.Split, [("x", "u")], (Attributes.Sizes, new AttributeValue.Ints([.. sizes[..parts]])));
        if (IsMamba1)
        {
            block.Add("y", OpCode.SelectiveScan, [("x", "v"), ("dt", "dt"), ("b", "b"), ("c", "c"), ("z", "z"), ("a_log", "a_log"), ("d", "d"), ("dt_bias", "dt_bias")]);
        }
        else
        {
            block.Add(
                "y", OpCode.SsdScan, [("x", "v"), ("dt", "dt"), ("b", "b"), ("c", "c"), ("a_log", "a_log"), ("d", "d"), ("dt_bias", "dt_bias")],
                (Attributes.Heads, new AttributeValue.Int(Heads)), (Attributes.Groups, new AttributeValue.Int(1)),
                (Attributes.DtMin, new AttributeValue.Float(DtMin)), (Attributes.DtMax, new AttributeValue.Float(DtMax)));
        }

        block.Add("o", OpCode.Linear, [("x", "y"), ("weight", $"out{index}")]);
        return block.Return(block.Add("r", OpCode.Add, [("a", "x"), ("b", "o")]));
    }

    private static Block Single(string name, Value parameter, OpCode code, string role, IReadOnlyDictionary<string, Resource> resources)
    {
        var block = new BlockBuilder(name, parameter, resource => resources[resource]);
        return block.Return(block.Add("y", code, [(role, parameter.Name), ("weight", name)]));
    }

    private static float[] Random(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
    }
}
