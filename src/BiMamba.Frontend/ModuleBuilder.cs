using System.Collections.Immutable;
using System.Globalization;
using BiMamba.IR;
using BiMamba.Tensors;
using ValueType = BiMamba.IR.ValueType;

namespace BiMamba.Frontend;

/// <summary>What a module needs beyond its tensors.</summary>
internal sealed record BlockSettings
{
    /// <summary>The family of the blocks.</summary>
    public required BlockFamily Family { get; init; }

    /// <summary>Sizes, all known.</summary>
    public required Dimensions Dimensions { get; init; }

    /// <summary>Epsilon of all norms with a weight.</summary>
    public required double Eps { get; init; }

    /// <summary>Epsilon of the norms of dt, B and C, or null where there are none.</summary>
    public double? MixerEps { get; init; }

    /// <summary>Columns that the gated norm takes together.</summary>
    public long NormGroupSize { get; init; }

    /// <summary>True where the gated norm comes before the gate.</summary>
    public bool NormBeforeGate { get; init; }

    /// <summary>Bounds of the time step.</summary>
    public (double Low, double High) TimeStep { get; init; } = (0, double.PositiveInfinity);

    /// <summary>What an FBI-Linear computes.</summary>
    public required string Fidelity { get; init; }

    /// <summary>True where the head is the embedding.</summary>
    public required bool TiedHead { get; init; }
}

/// <summary>Builds the module of checked tensors.</summary>
internal sealed class ModuleBuilder
{
    private readonly CheckpointTensors tensors;
    private readonly BlockSettings settings;
    private readonly Dictionary<string, Resource> resources = new(StringComparer.Ordinal);

    private ModuleBuilder(CheckpointTensors tensors, BlockSettings settings)
    {
        this.tensors = tensors;
        this.settings = settings;
    }

    /// <summary>The settings.</summary>
    public BlockSettings Settings => settings;

    /// <summary>Builds a module whose tensors have passed all checks.</summary>
    public static Module Build(CheckpointTensors tensors, BlockSettings settings, string name, ImmutableArray<KeyValuePair<string, AttributeValue>> attributes)
    {
        var builder = new ModuleBuilder(tensors, settings);
        ImmutableArray<Block> blocks = [builder.Embed(), .. tensors.Layers.Select(builder.LayerBlock), builder.Head()];
        var level = blocks.SelectMany(block => block.Body).Any(op => op.Code == OpCode.FbiLinear) ? Level.Fbi : Level.Float;
        return new Module(name, level, attributes, Module.ResourceMap(builder.resources.Values), blocks);
    }

    /// <summary>The resource of a tensor in a layer, or null where the checkpoint has none.</summary>
    public string? Bind(string handle, int layer) =>
        tensors.Find(handle, layer) is { } tensor ? Define(TensorNameMap.Resource(handle, layer), tensor.Tensor) : null;

    /// <summary>Appends a projection: dense, or FBI-Linear where the checkpoint has a scale for it.</summary>
    public string Project(BlockBuilder block, string result, string projection, int layer, string x)
    {
        var weight = tensors.Find(projection + Handles.Weight, layer)!;
        var bound = Bind(projection + Handles.Weight, layer);
        var bias = Bind(projection + Handles.Bias, layer);
        if (tensors.Find(projection + Handles.Scale, layer) is not { } scale)
            return block.Add(result, OpCode.Linear, [("x", x), ("weight", bound), ("bias", bias)]);
        var pattern = FbiPattern.Of(weight.Shape, scale.Shape)!;
        return block.Add(
            result,
            OpCode.FbiLinear,
            [
                ("x", x), ("latent", bound),
                ("scale", BindAs(pattern, projection + Handles.Scale, layer)),
                ("shift", BindAs(pattern, projection + Handles.Shift, layer)),
                ("bias", bias),
            ],
            (Attributes.Pattern, new AttributeValue.Word(pattern.Word)),
            (Attributes.Fidelity, new AttributeValue.Word(settings.Fidelity)));
    }

    private Block Embed()
    {
        var block = new BlockBuilder("embed", new Value("ids", new ValueType(ElementType.I32, ValueType.Tokens)), Resource);
        return block.Return(block.Add("r", OpCode.Embedding, [("ids", "ids"), ("weight", Define(Handles.Embedding))]));
    }

    private Block LayerBlock(int layer)
    {
        var name = "layers." + layer.ToString(CultureInfo.InvariantCulture);
        var block = new BlockBuilder(name, Residual(), Resource);
        block.Add("n", OpCode.RmsNorm, [("x", "r"), ("weight", Bind(Handles.Norm, layer))], (Attributes.Eps, new AttributeValue.Float(settings.Eps)));
        var mixed = settings.Family == BlockFamily.Mamba1 ? Mamba1Mixer.Append(this, block, layer) : Mamba2Mixer.Append(this, block, layer);
        return block.Return(block.Add("s", OpCode.Add, [("a", "r"), ("b", mixed)]));
    }

    private Block Head()
    {
        var block = new BlockBuilder("head", Residual(), Resource);
        block.Add("n", OpCode.RmsNorm, [("x", "r"), ("weight", Define(Handles.FinalNorm))], (Attributes.Eps, new AttributeValue.Float(settings.Eps)));
        return block.Return(block.Add("logits", OpCode.LmHead, [("x", "n"), ("weight", Define(settings.TiedHead ? Handles.Embedding : Handles.Head))]));
    }

    private Value Residual() => new("r", ValueType.Features(settings.Dimensions.Model!.Value));

    private string BindAs(FbiPattern pattern, string handle, int layer)
    {
        var tensor = tensors.Find(handle, layer)!.Tensor;
        return Define(TensorNameMap.Resource(handle, layer), tensor.Shape.Equals(pattern.Shape) ? tensor : new ReshapedTensor(tensor, pattern.Shape));
    }

    private string Define(string handle) => Define(handle, tensors.Find(handle)!.Tensor);

    private string Define(string name, Tensor tensor)
    {
        resources.TryAdd(name, new Resource(name, tensor));
        return name;
    }

    private Resource Resource(string name) => resources[name];
}
