namespace BiMamba.IR;

/// <summary>The ops; <see cref="Ops"/> describes each.</summary>
public enum OpCode
{
    /// <summary>Rows of the embedding.</summary>
    Embedding,

    /// <summary>Root mean square norm.</summary>
    RmsNorm,

    /// <summary>Dense linear.</summary>
    Linear,

    /// <summary>FBI-Linear with its latent weight.</summary>
    FbiLinear,

    /// <summary>Linear with a sign plane.</summary>
    SignLinear,

    /// <summary>Linear with integer codes, each with the scale and zero of its group.</summary>
    CodeLinear,

    /// <summary>Linear of BiLLM: signs, a region a weight, salient columns.</summary>
    BraqLinear,

    /// <summary>Cuts features into parts.</summary>
    Split,

    /// <summary>Features of two values side by side.</summary>
    Concat,

    /// <summary>Depthwise causal convolution.</summary>
    CausalConv1d,

    /// <summary>The scan of Mamba-2.</summary>
    SsdScan,

    /// <summary>The scan of Mamba-1.</summary>
    SelectiveScan,

    /// <summary>Root mean square norm with a gate.</summary>
    GatedRmsNorm,

    /// <summary>x * sigmoid(x).</summary>
    Silu,

    /// <summary>Sum of two values.</summary>
    Add,

    /// <summary>Logits.</summary>
    LmHead,

    /// <summary>Product with a vector.</summary>
    Scale,
}
