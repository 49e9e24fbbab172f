using System.Collections.Immutable;
using System.Globalization;

namespace BiMamba.Frontend;

/// <summary>One row of the name table.</summary>
/// <param name="Pattern">The name in a checkpoint, without prefixes; <c>{i}</c> is the number of a layer.</param>
/// <param name="Handle">The resource of the module; <c>{i}</c> is the number of the layer.</param>
public sealed record TensorName(string Pattern, string Handle);

/// <summary>A name of a checkpoint, understood.</summary>
/// <param name="Row">The row of the table.</param>
/// <param name="Layer">The number of the layer, or null where the row has none.</param>
/// <param name="Prefix">What stands before the pattern.</param>
public sealed record MappedName(TensorName Row, int? Layer, string Prefix);

/// <summary>
/// The one table from tensor names of checkpoints to resources: state-spaces Mamba and Mamba-2, the official Bi-Mamba,
/// Hugging Face Mamba, Mamba2 and FalconMamba, and Codestral's own file.
/// </summary>
public static class TensorNameMap
{
    /// <summary>Layers from this number on are not read as layers.</summary>
    public const int MaxLayers = 10_000;

    private const string Layer = "layers.";

    // Names that training wrappers put around modules; torch.compile, FSDP and data parallelism.
    private static readonly HashSet<string> Wrappers =
        new(["_forward_module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"], StringComparer.Ordinal);

    private static readonly string[] Prefixes = ["module.", "model.", "backbone."];

    /// <summary>All rows. Where two rows have one handle, the first is the spelling of Hugging Face.</summary>
    public static ImmutableArray<TensorName> All { get; } =
    [
        new("embeddings.weight", Handles.Embedding),
        new("embedding.weight", Handles.Embedding),
        new("layers.{i}.norm.weight", Handles.Norm),
        new("layers.{i}.mixer.in_proj.weight", Handles.InProj + Handles.Weight),
        new("layers.{i}.mixer.in_proj.wscale", Handles.InProj + Handles.Scale),
        new("layers.{i}.mixer.in_proj.wbias", Handles.InProj + Handles.Shift),
        new("layers.{i}.mixer.in_proj.bias", Handles.InProj + Handles.Bias),
        new("layers.{i}.mixer.conv1d.weight", Handles.ConvWeight),
        new("layers.{i}.mixer.conv1d.bias", Handles.ConvBias),
        new("layers.{i}.mixer.dt_bias", Handles.DtBias),
        new("layers.{i}.mixer.A_log", Handles.ALog),
        new("layers.{i}.mixer.D", Handles.D),
        new("layers.{i}.mixer.norm.weight", Handles.GateNorm),
        new("layers.{i}.mixer.x_proj.weight", Handles.XProj),
        new("layers.{i}.mixer.dt_proj.weight", Handles.DtProjWeight),
        new("layers.{i}.mixer.dt_proj.bias", Handles.DtProjBias),
        new("layers.{i}.mixer.out_proj.weight", Handles.OutProj + Handles.Weight),
        new("layers.{i}.mixer.out_proj.wscale", Handles.OutProj + Handles.Scale),
        new("layers.{i}.mixer.out_proj.wbias", Handles.OutProj + Handles.Shift),
        new("layers.{i}.mixer.out_proj.bias", Handles.OutProj + Handles.Bias),
        new("norm_f.weight", Handles.FinalNorm),
        new("lm_head.weight", Handles.Head),
    ];

    private static readonly Dictionary<string, TensorName> ByPattern = All.ToDictionary(row => row.Pattern, StringComparer.Ordinal);

    /// <summary>The row of a name, or null.</summary>
    public static MappedName? Find(string name)
    {
        var (prefix, rest) = SplitPrefix(name);
        if (ByPattern.TryGetValue(rest, out var row))
            return new MappedName(row, null, prefix);
        return SplitLayer(rest) is var (layer, tail) && ByPattern.TryGetValue("layers.{i}." + tail, out row)
            ? new MappedName(row, layer, prefix)
            : null;
    }

    /// <summary>A name without wrappers and prefixes, and what stood before it.</summary>
    public static (string Prefix, string Name) SplitPrefix(string name)
    {
        var rest = name;
        if (Wrappers.Any(wrapper => name.Contains(wrapper, StringComparison.Ordinal)))
            rest = string.Join('.', name.Split('.').Where(part => !Wrappers.Contains(part)));
        var prefix = "";
        foreach (var known in Prefixes)
        {
            if (!rest.StartsWith(known, StringComparison.Ordinal))
                continue;
            prefix += known;
            rest = rest[known.Length..];
        }

        return (prefix, rest);
    }

    /// <summary>The layer of a name without prefix and what follows it, or null.</summary>
    public static (int Layer, string Tail)? SplitLayer(string name)
    {
        if (!name.StartsWith(Layer, StringComparison.Ordinal))
            return null;
        var end = name.IndexOf('.', Layer.Length);
        if (end < 0)
            return null;
        var digits = name.AsSpan(Layer.Length, end - Layer.Length);
        // One spelling a number: 00 would be a second name of layer 0.
        var plain = digits.Length == 1 || !digits.StartsWith("0");
        return plain && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) && layer < MaxLayers
            ? (layer, name[(end + 1)..])
            : null;
    }

    /// <summary>The resource of a handle in a layer.</summary>
    public static string Resource(string handle, int layer) =>
        handle.Replace("{i}", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
