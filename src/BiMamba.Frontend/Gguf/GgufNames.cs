using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Tensors;

namespace BiMamba.Frontend.Gguf;

/// <summary>
/// The names of the tensors of one architecture in a GGUF file, and how they become those that the front end knows: the
/// convolution gets its dimension of 1, A becomes A_log, vectors of heads lose a dimension of 1, the gated norm its groups.
/// </summary>
/// <remarks>Source: llama-arch.cpp and the conversion of Mamba of llama.cpp.</remarks>
internal sealed class GgufNames
{
    private const string Block = "blk.";
    private const string Layer = Block + "{i}.";

    private static readonly ImmutableArray<TensorName> Common =
    [
        new("token_embd.weight", Handles.Embedding),
        new("output_norm.weight", Handles.FinalNorm),
        new("output.weight", Handles.Head),
        new(Layer + "attn_norm.weight", Handles.Norm),
        new(Layer + "ssm_in.weight", Handles.InProj + Handles.Weight),
        new(Layer + "ssm_in.bias", Handles.InProj + Handles.Bias),
        new(Layer + "ssm_conv1d.weight", Handles.ConvWeight),
        new(Layer + "ssm_conv1d.bias", Handles.ConvBias),
        new(Layer + "ssm_a", Handles.ALog),
        new(Layer + "ssm_d", Handles.D),
        new(Layer + "ssm_out.weight", Handles.OutProj + Handles.Weight),
        new(Layer + "ssm_out.bias", Handles.OutProj + Handles.Bias),
    ];

    private readonly Dictionary<string, TensorName> byPattern;
    private readonly ImmutableArray<TensorName> rows;

    private GgufNames(string architecture, BlockFamily family, ImmutableArray<TensorName> own)
    {
        Architecture = architecture;
        Family = family;
        rows = [.. Common, .. own];
        byPattern = rows.ToDictionary(row => row.Pattern, StringComparer.Ordinal);
    }

    /// <summary>Mamba-1 and FalconMamba.</summary>
    public static GgufNames Mamba1 { get; } = new("mamba", BlockFamily.Mamba1,
    [
        new(Layer + "ssm_x.weight", Handles.XProj),
        new(Layer + "ssm_dt.weight", Handles.DtProjWeight),
        new(Layer + "ssm_dt.bias", Handles.DtProjBias),
    ]);

    /// <summary>Mamba-2.</summary>
    public static GgufNames Mamba2 { get; } = new("mamba2", BlockFamily.Mamba2,
    [
        new(Layer + "ssm_dt.bias", Handles.DtBias),
        new(Layer + "ssm_norm.weight", Handles.GateNorm),
    ]);

    /// <summary>The word of <c>general.architecture</c>, which every key of the architecture begins with.</summary>
    public string Architecture { get; }

    /// <summary>The family of the blocks.</summary>
    public BlockFamily Family { get; }

    /// <summary>The table of an architecture, or null.</summary>
    public static GgufNames? Of(string architecture) => architecture switch
    {
        "mamba" => Mamba1,
        "mamba2" => Mamba2,
        _ => null,
    };

    /// <summary>The row of a name, or null.</summary>
    public MappedName? Find(string name)
    {
        if (byPattern.TryGetValue(name, out var row))
            return new MappedName(row, null, "");
        if (!name.StartsWith(Block, StringComparison.Ordinal) || TensorNameMap.SplitLayer("layers." + name[Block.Length..]) is not var (layer, tail))
            return null;
        return byPattern.TryGetValue(Layer + tail, out row) ? new MappedName(row, layer, "") : null;
    }

    /// <summary>The name of the tensor of a handle.</summary>
    public string NameOf(string handle, int? layer) =>
        rows.First(row => row.Handle == handle).Pattern.Replace("{i}", layer?.ToString(CultureInfo.InvariantCulture) ?? "{i}", StringComparison.Ordinal);

    /// <summary>A tensor of the file as the front end knows it; one of an unexpected rank stays as it is.</summary>
    /// <param name="handle">The role of the tensor.</param>
    /// <param name="stored">The tensor of the file.</param>
    public Tensor Known(string handle, Tensor stored)
    {
        var shape = stored.Shape;
        var known = handle switch
        {
            Handles.ConvWeight when shape.Rank == 2 => Reshaped(stored, shape[0], 1, shape[1]),
            Handles.ALog or Handles.D when Family == BlockFamily.Mamba2 && shape.Rank == 2 && shape[1] == 1 => Reshaped(stored, shape[0]),
            Handles.GateNorm when shape.Rank == 2 => Reshaped(stored, shape.Count),
            _ => stored,
        };
        return handle == Handles.ALog && known.Type.Info().IsFloat ? new DecayLogarithm(known) : known;
    }

    private static ReshapedTensor Reshaped(Tensor stored, params ReadOnlySpan<long> dims) => new(stored, Shape.Of(dims));
}
