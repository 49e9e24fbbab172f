using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;

namespace BiMamba.Frontend;

/// <summary>Recognizes checkpoints that are sound but of another kind, before their tensors are compared with the expected ones.</summary>
internal sealed class UnsupportedChecks(CheckpointTensors tensors, ModelConfig config, DiagnosticBag diagnostics)
{
    private static readonly ImmutableArray<(string Mark, string Tool)> QuantizedMarks =
    [
        (".qweight", "GPTQ or AWQ"), (".qzeros", "GPTQ or AWQ"), (".scales", "GPTQ or AWQ"), (".g_idx", "GPTQ"),
        (".SCB", "bitsandbytes"), (".absmax", "bitsandbytes"), (".nested_absmax", "bitsandbytes"), (".quant_map", "bitsandbytes"), (".quant_state", "bitsandbytes"),
        (".weight_packed", "compressed-tensors"), (".weight_scale", "compressed-tensors or FP8"), (".weight_scale_inv", "FP8"), (".input_scale", "FP8"),
    ];

    private static readonly HashSet<string> AttentionParts = new(["attn", "self_attn", "attention", "Wqkv", "q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj"], StringComparer.Ordinal);

    private static readonly HashSet<string> MlpParts = new(["mlp", "fc1", "fc2", "feed_forward", "block_sparse_moe", "gate_proj", "up_proj", "down_proj", "norm2"], StringComparer.Ordinal);

    private static readonly HashSet<string> ModelTypes = new(["mamba", "mamba2", "falcon_mamba", "bimamba2"], StringComparer.Ordinal);

    /// <summary>Reports everything that is not supported and tells the family; null after an error.</summary>
    public BlockFamily? Run()
    {
        Quantized();
        Attention();
        Mlp();
        Norms();
        Settings();
        if (diagnostics.Items.Any(item => item.Descriptor.ExitCode == ExitCode.Unsupported))
            return null;
        var family = Family();
        if (family == BlockFamily.Mamba1 && tensors.InLayers(Handles.InProj + Handles.Scale).FirstOrDefault() is { } scale)
        {
            diagnostics.Add(FrontendDiagnostics.UnknownArchitecture, "expected binarized projections in Mamba-2 blocks only, found one in a Mamba-1 block", scale.Place);
            return null;
        }

        return family;
    }

    private void Quantized()
    {
        foreach (var (mark, tool) in QuantizedMarks)
        {
            var found = tensors.Unknown.Where(tensor => tensor.Name.EndsWith(mark, StringComparison.Ordinal) || tensor.Name.Contains(mark + ".", StringComparison.Ordinal)).ToArray();
            if (found.Length > 0)
                diagnostics.Add(FrontendDiagnostics.AlreadyQuantized, $"expected full-precision weights, found {found.Length} tensors '*{mark}' as {tool} names them", found[0].Place, "start from the checkpoint before quantization");
        }

        if (config.Has(ConfigKeys.Quantization))
            diagnostics.Add(FrontendDiagnostics.AlreadyQuantized, "expected full-precision weights, found a record of their quantization", new Place(config.File, Field: ConfigKeys.Quantization), "start from the checkpoint before quantization");
    }

    private void Attention()
    {
        if (config.List(ConfigKeys.AttentionLayers) is { IsEmpty: false } listed)
            diagnostics.Add(FrontendDiagnostics.AttentionLayers, $"expected no attention layers, found {string.Join(", ", listed)}", new Place(config.File, Field: ConfigKeys.AttentionLayers[0]));
        Parts(AttentionParts, FrontendDiagnostics.AttentionLayers, "attention");
    }

    private void Mlp()
    {
        if (config.Integer(ConfigKeys.MlpWidth, 0) is { Value: > 0 } width)
            diagnostics.Add(FrontendDiagnostics.MlpLayers, $"expected 0, found {width.Value}: the blocks have MLP layers", new Place(config.File, Field: width.Key));
        Parts(MlpParts, FrontendDiagnostics.MlpLayers, "MLP");
    }

    /// <summary>Reports unknown tensors whose name has one of the parts, all in one message.</summary>
    private void Parts(HashSet<string> parts, DiagnosticDescriptor row, string what)
    {
        var found = tensors.Unknown.Where(tensor => tensor.Name.Split('.').Any(parts.Contains)).ToArray();
        if (found.Length == 0)
            return;
        var layers = found.Select(tensor => TensorNameMap.SplitLayer(TensorNameMap.SplitPrefix(tensor.Name).Name)?.Layer)
            .OfType<int>().Distinct().Order().ToArray();
        var where = layers.Length > 0 ? $" in layers {string.Join(", ", layers)}" : "";
        diagnostics.Add(row, $"expected no {what} tensors, found {found.Length}{where}", found[0].Place);
    }

    private void Norms()
    {
        const string bias = "norm.bias", finalBias = "norm_f.bias";
        var found = tensors.Unknown.Where(tensor => tensor.Name.EndsWith(bias, StringComparison.Ordinal) || tensor.Name.EndsWith(finalBias, StringComparison.Ordinal)).ToArray();
        if (found.Length > 0)
            diagnostics.Add(FrontendDiagnostics.OtherNorm, $"expected RMSNorm, found {found.Length} biases of LayerNorm", found[0].Place);
        foreach (var setting in config.Truths(ConfigKeys.RmsNorm).Concat(config.Truths(ConfigKeys.GatedNorm)).Where(setting => !setting.Value))
            diagnostics.Add(FrontendDiagnostics.OtherNorm, "expected true (RMSNorm), found false", new Place(config.File, Field: setting.Key));
    }

    private void Settings()
    {
        if (config.Word(ConfigKeys.ModelType) is { } type && !ModelTypes.Contains(type))
            Unsupported(ConfigKeys.ModelType, $"expected one of {string.Join(", ", ModelTypes.Order(StringComparer.Ordinal))}, found '{Printable.Name(type)}'");
        if (config.Word(ConfigKeys.BlockClass) is { } layer && layer is not ("Mamba1" or "Mamba2"))
            Unsupported(ConfigKeys.BlockClass, $"expected Mamba1 or Mamba2, found '{Printable.Name(layer)}'");
        foreach (var key in ConfigKeys.Activation)
        {
            if (config.Word(key) is { } activation && activation is not ("silu" or "swish"))
                diagnostics.Add(FrontendDiagnostics.OtherActivation, $"expected silu, found '{Printable.Name(activation)}'", new Place(config.File, Field: key));
        }
    }

    private BlockFamily? Family()
    {
        string[] first = [Handles.XProj, Handles.DtProjWeight, Handles.DtProjBias];
        string[] second = [Handles.DtBias, Handles.GateNorm];
        var mamba1 = first.SelectMany(tensors.InLayers).FirstOrDefault();
        var mamba2 = second.SelectMany(tensors.InLayers).FirstOrDefault();
        if (mamba1 is not null && mamba2 is not null)
        {
            diagnostics.Add(FrontendDiagnostics.UnknownArchitecture, $"expected blocks of Mamba-1 or of Mamba-2, found both: '{mamba1.Name}' and '{mamba2.Name}'", mamba1.Place);
            return null;
        }

        if (mamba1 is not null || mamba2 is not null)
            return mamba1 is not null ? BlockFamily.Mamba1 : BlockFamily.Mamba2;
        if (tensors.InLayers(Handles.ALog).FirstOrDefault() is { Shape.Rank: 1 or 2 } decay)
            return decay.Shape.Rank == 2 ? BlockFamily.Mamba1 : BlockFamily.Mamba2;
        var names = tensors.Unknown.Concat(tensors.All).Select(tensor => Printable.Name(tensor.Name)).Take(5).ToArray();
        diagnostics.Add(
            FrontendDiagnostics.UnknownArchitecture,
            $"expected tensors of Mamba-1 (x_proj, dt_proj) or Mamba-2 (dt_bias, mixer.norm), found {(names.Length == 0 ? "no tensor" : "none of them among " + string.Join(", ", names))}",
            Place.OfFile(tensors.Unknown.Concat(tensors.All).FirstOrDefault()?.File ?? config.File));
        return null;
    }

    private void Unsupported(string key, string message) =>
        diagnostics.Add(FrontendDiagnostics.UnknownArchitecture, message, new Place(config.File, Field: key));
}
