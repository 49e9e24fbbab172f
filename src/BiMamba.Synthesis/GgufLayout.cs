using System.Globalization;
using BiMamba.Formats.Gguf;
using BiMamba.Tensors;

namespace BiMamba.Synthesis;

/// <summary>A Mamba-2 checkpoint in the layout of the architecture <c>mamba2</c> of llama.cpp.</summary>
/// <remarks>
/// Source: convert_hf_to_gguf.py and llama-arch.cpp of llama.cpp. There is no tensor of the head, which makes the
/// embedding serve as one. A vector of heads has a second dimension of 1, A is stored as -exp(A_log), and the
/// convolution loses its dimension of 1.
/// </remarks>
internal static class GgufLayout
{
    private const string Family = "mamba2";
    private const float NormEpsilon = 1e-5f;
    private const uint LongestContext = 1 << 20;
    private const uint QuantizationVersion = 2;

    /// <summary>The metadata, with a vocabulary of as many tokens as the embedding has rows.</summary>
    public static IReadOnlyList<KeyValuePair<string, GgufValue>> Metadata(ModelShape shape, SynthesisOptions options, GgufOptions gguf) =>
    [
        new("general.architecture", Family),
        new("general.name", string.Create(CultureInfo.InvariantCulture, $"{shape.Architecture.Word} of random weights, seed {options.Seed}")),
        new("general.file_type", gguf.Linear.FileType),
        new("general.quantization_version", QuantizationVersion),
        new(Family + ".context_length", LongestContext),
        new(Family + ".vocab_size", (uint)shape.Rows),
        new(Family + ".embedding_length", (uint)shape.Width),
        new(Family + ".feed_forward_length", 0u),
        new(Family + ".block_count", (uint)shape.Layers),
        new(Family + ".attention.head_count", 0u),
        new(Family + ".attention.layer_norm_rms_epsilon", NormEpsilon),
        new(Family + ".ssm.conv_kernel", (uint)shape.ConvWidth),
        new(Family + ".ssm.inner_size", (uint)shape.Inner),
        new(Family + ".ssm.state_size", (uint)shape.State),
        new(Family + ".ssm.time_step_rank", (uint)shape.Heads),
        new(Family + ".ssm.group_count", 1u),
        .. GgufVocabulary.Metadata((int)shape.Rows),
    ];

    /// <summary>The tensors, in the order of the checkpoint.</summary>
    /// <param name="checkpoint">All tensors of the checkpoint under their official names.</param>
    /// <param name="gguf">The types.</param>
    public static IReadOnlyList<GgufTensor> Tensors(IReadOnlyList<KeyValuePair<string, Tensor>> checkpoint, GgufOptions gguf) =>
        [.. checkpoint.Select(pair => Of(pair.Key, pair.Value, gguf))];

    private static GgufTensor Of(string name, Tensor tensor, GgufOptions gguf)
    {
        var parts = name.Split('.', 4);
        if (parts is not [_, "layers", var layer, var rest])
            return name == "backbone.embedding.weight" ? new("token_embd.weight", gguf.Head, tensor) : new("output_norm.weight", GgmlType.F32, tensor);
        var block = "blk." + layer + ".";
        return rest switch
        {
            "norm.weight" => new(block + "attn_norm.weight", GgmlType.F32, tensor),
            "mixer.in_proj.weight" => new(block + "ssm_in.weight", gguf.Linear, tensor),
            "mixer.out_proj.weight" => new(block + "ssm_out.weight", gguf.Linear, tensor),
            "mixer.conv1d.weight" => new(block + "ssm_conv1d.weight", GgmlType.F32, Small(tensor, value => value, tensor.Shape[0], tensor.Shape[2])),
            "mixer.conv1d.bias" => new(block + "ssm_conv1d.bias", GgmlType.F32, tensor),
            "mixer.dt_bias" => new(block + "ssm_dt.bias", GgmlType.F32, tensor),
            "mixer.A_log" => new(block + "ssm_a", GgmlType.F32, Small(tensor, value => (float)-Math.Exp(value), tensor.Shape.Count, 1)),
            "mixer.D" => new(block + "ssm_d", GgmlType.F32, Small(tensor, value => value, tensor.Shape.Count, 1)),
            "mixer.norm.weight" => new(block + "ssm_norm.weight", GgmlType.F32, Small(tensor, value => value, 1, tensor.Shape.Count)),
            _ => throw new InvalidOperationException($"'{name}' is no tensor of Mamba-2"),
        };
    }

    /// <summary>A tensor of another shape whose elements are computed at once; a few tens of kilobytes.</summary>
    private static MemoryTensor Small(Tensor tensor, Func<float, float> change, params ReadOnlySpan<long> dims) =>
        MemoryTensor.Of(Array.ConvertAll(tensor.ToSingles(), value => change(value)), Shape.Of(dims));
}
