using BiMamba.Export.Structure;
using BiMamba.Formats.Gguf;

namespace BiMamba.Export.Gguf;

/// <summary>The metadata of a GGUF file of a model, but for the tokenizer.</summary>
/// <remarks>Source: docs/gguf.md of ggml, and gguf-py/gguf/constants.py of llama.cpp.</remarks>
internal static class GgufMetadata
{
    private const uint LongestContext = 1 << 20;
    private const uint QuantizationVersion = 2;

    /// <summary>The word of <c>general.architecture</c>.</summary>
    public static string Architecture(ModelStructure model) => model.Family == LayerFamily.Mamba2 ? "mamba2" : "mamba";

    /// <summary>The pairs, in the order of the file.</summary>
    public static IEnumerable<KeyValuePair<string, GgufValue>> Of(ModelStructure model, GgufExportOptions options)
    {
        var family = Architecture(model);
        var d = model.Shape;
        yield return new("general.architecture", family);
        yield return new("general.type", "model");
        yield return new("general.name", options.Name);
        yield return new("general.quantized_by", options.Tool);
        yield return new("general.file_type", options.Linear.FileType);
        yield return new("general.quantization_version", QuantizationVersion);
        yield return new("bimamba.provenance", options.Provenance);
        yield return new(family + ".context_length", LongestContext);
        yield return new(family + ".vocab_size", (uint)model.Rows);
        yield return new(family + ".embedding_length", (uint)d.Model);
        yield return new(family + ".feed_forward_length", 0u);
        yield return new(family + ".block_count", (uint)model.Layers.Length);
        yield return new(family + ".attention.head_count", 0u);
        yield return new(family + ".attention.layer_norm_rms_epsilon", (float)model.Eps);
        yield return new(family + ".ssm.conv_kernel", (uint)d.ConvWidth);
        yield return new(family + ".ssm.inner_size", (uint)d.Inner);
        yield return new(family + ".ssm.state_size", (uint)d.State);
        yield return new(family + ".ssm.time_step_rank", (uint)(model.Family == LayerFamily.Mamba2 ? d.Heads : d.Rank));
        if (model.Family == LayerFamily.Mamba2)
            yield return new(family + ".ssm.group_count", (uint)d.Groups);
        else
            yield return new(family + ".ssm.dt_b_c_rms", model.Family == LayerFamily.FalconMamba);
    }
}
