using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Tensors;

namespace BiMamba.Synthesis;

/// <summary>One tensor of a checkpoint to synthesize.</summary>
public sealed class PlannedTensor
{
    /// <summary>A tensor.</summary>
    internal PlannedTensor(string name, Shape shape, Distribution distribution, bool isParameter)
    {
        Name = name;
        Shape = shape;
        Distribution = distribution;
        IsParameter = isParameter;
    }

    /// <summary>Its name in the official layout.</summary>
    public string Name { get; }

    /// <summary>Its shape.</summary>
    public Shape Shape { get; }

    /// <summary>False for scale and shift of a binarized projection, which published parameter counts leave out.</summary>
    public bool IsParameter { get; }

    /// <summary>How its elements are distributed.</summary>
    internal Distribution Distribution { get; }
}

/// <summary>Names, shapes and distributions of all tensors of a checkpoint. The head is the embedding, stored once.</summary>
public sealed class CheckpointPlan
{
    private static readonly Distribution Weight = new Distribution.Normal(0, 0.02);
    private static readonly Distribution Scale = new Distribution.SignedScale(0.01, 0.04, 0.1);
    private static readonly Distribution Shift = new Distribution.Normal(0, 0.002);
    private static readonly Distribution Conv = new Distribution.Normal(0, 0.2);
    private static readonly Distribution ConvBias = new Distribution.Normal(0, 0.05);
    private static readonly Distribution Norm = new Distribution.Normal(1, 0.1);
    private static readonly Distribution TimeStep = new Distribution.TimeStepBias(0.001, 0.1);
    private static readonly Distribution StateDecay = new Distribution.LogOfUniform(1, 16);
    private static readonly Distribution One = new Distribution.Constant(1);

    private readonly ModelShape shape;
    private readonly ImmutableArray<PlannedTensor>.Builder tensors = ImmutableArray.CreateBuilder<PlannedTensor>();

    private CheckpointPlan(ModelShape shape, ElementType type)
    {
        this.shape = shape;
        Add("backbone.embedding.weight", Weight, shape.Rows, shape.Width);
        for (var layer = 0; layer < shape.Layers; layer++)
            AddLayer("backbone.layers." + layer.ToString(CultureInfo.InvariantCulture));
        Add("backbone.norm_f.weight", Norm, shape.Width);
        Tensors = tensors.ToImmutable();
        Parameters = Tensors.Where(tensor => tensor.IsParameter).Sum(tensor => tensor.Shape.Count);
        ByteLength = checked(Tensors.Sum(tensor => tensor.Shape.Count) * type.Size());
    }

    /// <summary>All tensors: embedding, layers, final norm.</summary>
    public ImmutableArray<PlannedTensor> Tensors { get; }

    /// <summary>Number of parameters, without scales and shifts of binarized projections.</summary>
    public long Parameters { get; }

    /// <summary>Bytes of all tensors, scales and shifts included.</summary>
    public long ByteLength { get; }

    /// <summary>The plan of an official shape.</summary>
    public static CheckpointPlan Of(SynthesisOptions options) => Of(ModelShape.Of(options), options.Type);

    /// <summary>The plan of any shape.</summary>
    internal static CheckpointPlan Of(ModelShape shape, ElementType type) => new(shape, type);

    private void AddLayer(string layer)
    {
        var mixer = layer + ".mixer.";
        Add(layer + ".norm.weight", Norm, shape.Width);
        AddProjection(mixer + "in_proj", shape.InProjRows, shape.Width);
        Add(mixer + "conv1d.weight", Conv, shape.ConvChannels, 1, shape.ConvWidth);
        Add(mixer + "conv1d.bias", ConvBias, shape.ConvChannels);
        if (shape.Architecture.IsMamba2)
            AddMamba2(mixer);
        else
            AddMamba1(mixer);
        AddProjection(mixer + "out_proj", shape.Width, shape.Inner);
    }

    private void AddMamba2(string mixer)
    {
        Add(mixer + "dt_bias", TimeStep, shape.Heads);
        Add(mixer + "A_log", StateDecay, shape.Heads);
        Add(mixer + "D", One, shape.Heads);
        Add(mixer + "norm.weight", Norm, shape.Inner);
    }

    private void AddMamba1(string mixer)
    {
        Add(mixer + "x_proj.weight", Weight, shape.TimeStepRank + (2 * shape.State), shape.Inner);
        Add(mixer + "dt_proj.weight", Weight, shape.Inner, shape.TimeStepRank);
        Add(mixer + "dt_proj.bias", TimeStep, shape.Inner);
        Add(mixer + "A_log", StateDecay, shape.Inner, shape.State);
        Add(mixer + "D", One, shape.Inner);
    }

    private void AddProjection(string name, long rows, long columns)
    {
        Add(name + ".weight", Weight, rows, columns);
        if (!shape.Architecture.IsBinarized)
            return;
        tensors.Add(new PlannedTensor(name + ".wscale", Shape.Of(1, columns), Scale, false));
        tensors.Add(new PlannedTensor(name + ".wbias", Shape.Of(1, columns), Shift, false));
    }

    private void Add(string name, Distribution distribution, params ReadOnlySpan<long> dims) =>
        tensors.Add(new PlannedTensor(name, Shape.Of(dims), distribution, true));
}
