using BiMamba.Frontend.Gguf;

namespace BiMamba.Frontend;

/// <summary>What a checkpoint is.</summary>
/// <param name="Architecture"><c>mamba</c>, <c>mamba2</c>, <c>falcon_mamba</c> or <c>bimamba2</c>.</param>
/// <param name="Layout"><c>state-spaces</c>, <c>hugging-face</c>, <c>codestral</c>, <c>gguf</c> or <c>bi-mamba</c>.</param>
/// <param name="IsHuggingFace">True where the model computes what transformers computes.</param>
internal sealed record ModelIdentity(string Architecture, string Layout, bool IsHuggingFace)
{
    /// <summary>
    /// Tells the identity. The tensors of Mamba-1 and FalconMamba have the same names and shapes, so the configuration
    /// decides between them; where it is silent about the layout, the spelling of the embedding decides.
    /// </summary>
    public static ModelIdentity Of(CheckpointTensors tensors, ModelConfig config, BlockFamily family)
    {
        var isBinarized = tensors.Any(Handles.InProj + Handles.Scale) || tensors.Any(Handles.OutProj + Handles.Scale);
        var layout = isBinarized ? "bi-mamba" : config.Style switch
        {
            ConfigStyle.HuggingFace => "hugging-face",
            ConfigStyle.StateSpaces => "state-spaces",
            ConfigStyle.Codestral => "codestral",
            ConfigStyle.Gguf => "gguf",
            ConfigStyle.Unknown => tensors.EmbeddingPattern?.StartsWith("embeddings", StringComparison.Ordinal) == true ? "hugging-face" : "state-spaces",
            _ => throw new InvalidOperationException($"unknown style {config.Style}"),
        };
        var isFalcon = family == BlockFamily.Mamba1
            && (config.Has(ConfigKeys.MixerEps) || config.Word(ConfigKeys.ModelType) == "falcon_mamba" || config.Truth(GgufKeys.MixerNorms) == true);
        var architecture = isBinarized ? "bimamba2" : isFalcon ? "falcon_mamba" : family == BlockFamily.Mamba1 ? "mamba" : "mamba2";
        return new ModelIdentity(architecture, layout, layout == "hugging-face");
    }
}
