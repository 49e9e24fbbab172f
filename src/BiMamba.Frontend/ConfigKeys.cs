using System.Collections.Immutable;
using BiMamba.Frontend.Gguf;

namespace BiMamba.Frontend;

/// <summary>
/// The keys of configurations, by meaning: the spelling of each layout. A configuration may hold several spellings of
/// one meaning; all that are there are checked.
/// </summary>
internal static class ConfigKeys
{
    /// <summary>Features of a token.</summary>
    public static readonly ImmutableArray<string> ModelWidth = ["hidden_size", "d_model", "dim", "mamba.embedding_length", "mamba2.embedding_length"];

    /// <summary>Number of layers.</summary>
    public static readonly ImmutableArray<string> Layers = ["num_hidden_layers", "n_layer", "n_layers", "mamba.block_count", "mamba2.block_count"];

    /// <summary>Entries of the vocabulary.</summary>
    public static readonly ImmutableArray<string> Vocabulary = ["vocab_size", "mamba.vocab_size", "mamba2.vocab_size", GgufKeys.Tokens];

    /// <summary>The rows of the embedding are a multiple of it.</summary>
    public static readonly ImmutableArray<string> VocabularyMultiple = ["pad_vocab_size_multiple"];

    /// <summary>Features inside a block.</summary>
    public static readonly ImmutableArray<string> InnerWidth = ["intermediate_size", "d_inner", "ssm_cfg.d_ssm", "mamba.ssm.inner_size", "mamba2.ssm.inner_size"];

    /// <summary>Features inside a block over features of a token.</summary>
    public static readonly ImmutableArray<string> Expand = ["expand", "ssm_cfg.expand"];

    /// <summary>State of a channel or head.</summary>
    public static readonly ImmutableArray<string> State = ["state_size", "d_state", "ssm_cfg.d_state", "mamba.ssm.state_size", "mamba2.ssm.state_size"];

    /// <summary>Taps of the convolution.</summary>
    public static readonly ImmutableArray<string> ConvWidth = ["conv_kernel", "d_conv", "ssm_cfg.d_conv", "mamba.ssm.conv_kernel", "mamba2.ssm.conv_kernel"];

    /// <summary>Heads of Mamba-2.</summary>
    public static readonly ImmutableArray<string> Heads = ["num_heads", "mamba2.ssm.time_step_rank"];

    /// <summary>Features of a head of Mamba-2.</summary>
    public static readonly ImmutableArray<string> HeadWidth = ["head_dim", "headdim", "ssm_cfg.headdim"];

    /// <summary>Groups of heads of Mamba-2 that share B and C.</summary>
    public static readonly ImmutableArray<string> Groups = ["n_groups", "ngroups", "ssm_cfg.ngroups", "mamba2" + GgufKeys.Groups];

    /// <summary>Rank of the time step of Mamba-1.</summary>
    public static readonly ImmutableArray<string> TimeStepRank = ["time_step_rank", "dt_rank", "ssm_cfg.dt_rank", "mamba.ssm.time_step_rank"];

    /// <summary>Bounds of the time step of Mamba-2.</summary>
    public static readonly ImmutableArray<string> TimeStepLimit = ["time_step_limit", "dt_limit", "ssm_cfg.dt_limit"];

    /// <summary>True where head and embedding are one tensor.</summary>
    public static readonly ImmutableArray<string> Tied = ["tie_word_embeddings", "tie_embeddings"];

    /// <summary>True where the projections have a bias.</summary>
    public static readonly ImmutableArray<string> ProjectionBias = ["use_bias", "ssm_cfg.bias"];

    /// <summary>True where the convolution has a bias.</summary>
    public static readonly ImmutableArray<string> ConvBias = ["use_conv_bias", "ssm_cfg.conv_bias"];

    /// <summary>True where D has an entry for every feature.</summary>
    public static readonly ImmutableArray<string> WideD = ["ssm_cfg.D_has_hdim"];

    /// <summary>True where the blocks have RMSNorm.</summary>
    public static readonly ImmutableArray<string> RmsNorm = ["rms_norm"];

    /// <summary>True where Mamba-2 has its gated norm.</summary>
    public static readonly ImmutableArray<string> GatedNorm = ["ssm_cfg.rmsnorm"];

    /// <summary>True where the gated norm of a state-spaces model comes before the gate.</summary>
    public const string NormBeforeGate = "ssm_cfg.norm_before_gate";

    /// <summary>True where a Hugging Face configuration asks for the norm before the gate.</summary>
    public const string HuggingFaceNormBeforeGate = "norm_before_gate";

    /// <summary>Epsilon of the norms in the Hugging Face layout.</summary>
    public const string NormEps = "layer_norm_epsilon";

    /// <summary>Epsilon of the norms of dt, B and C of FalconMamba.</summary>
    public const string MixerEps = "mixer_rms_eps";

    /// <summary>Layers that are attention.</summary>
    public static readonly ImmutableArray<string> AttentionLayers = ["attn_layer_idx"];

    /// <summary>Features of the MLP layers.</summary>
    public static readonly ImmutableArray<string> MlpWidth = ["d_intermediate"];

    /// <summary>The object that holds the settings of the blocks of state-spaces.</summary>
    public const string Blocks = "ssm_cfg";

    /// <summary>The block class of state-spaces.</summary>
    public const string BlockClass = "ssm_cfg.layer";

    /// <summary>Activation after the convolution.</summary>
    public static readonly ImmutableArray<string> Activation = ["hidden_act", "ssm_cfg.activation"];

    /// <summary>The model class of Hugging Face.</summary>
    public const string ModelType = "model_type";

    /// <summary>How another tool quantized the weights.</summary>
    public const string Quantization = "quantization_config";
}
