using System.Globalization;

namespace BiMamba.Export.Gguf;

/// <summary>Names of tensors in GGUF files of the architectures mamba and mamba2.</summary>
/// <remarks>Source: llama-arch.cpp of llama.cpp.</remarks>
internal static class GgufNames
{
    /// <summary>The embedding.</summary>
    public const string Embedding = "token_embd.weight";

    /// <summary>The norm before the head.</summary>
    public const string FinalNorm = "output_norm.weight";

    /// <summary>A head of its own.</summary>
    public const string Head = "output.weight";

    /// <summary>The name of a tensor of a layer.</summary>
    public static string OfLayer(int layer, string tensor) => string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.{tensor}");
}
