namespace BiMamba.Frontend;

/// <summary>Names of the resources that the front end makes; <c>{i}</c> is the number of a layer.</summary>
public static class Handles
{
    /// <summary>Embedding, [rows, d_model].</summary>
    public const string Embedding = "embedding.weight";

    /// <summary>Norm of a block, [d_model].</summary>
    public const string Norm = "layers.{i}.norm.weight";

    /// <summary>Input projection; <see cref="Weight"/>, <see cref="Scale"/>, <see cref="Shift"/> or <see cref="Bias"/> follows.</summary>
    public const string InProj = "layers.{i}.in_proj";

    /// <summary>Output projection; <see cref="Weight"/>, <see cref="Scale"/>, <see cref="Shift"/> or <see cref="Bias"/> follows.</summary>
    public const string OutProj = "layers.{i}.out_proj";

    /// <summary>The dense or latent weight of a projection.</summary>
    public const string Weight = ".weight";

    /// <summary>The scale of an FBI-Linear.</summary>
    public const string Scale = ".scale";

    /// <summary>The shift of an FBI-Linear.</summary>
    public const string Shift = ".shift";

    /// <summary>The bias of a projection, one a row.</summary>
    public const string Bias = ".bias";

    /// <summary>Taps of the convolution, [channels, 1, width], oldest first.</summary>
    public const string ConvWeight = "layers.{i}.conv.weight";

    /// <summary>Bias of the convolution, [channels].</summary>
    public const string ConvBias = "layers.{i}.conv.bias";

    /// <summary>Bias of the time step of Mamba-2, [heads].</summary>
    public const string DtBias = "layers.{i}.dt_bias";

    /// <summary>Logarithm of -A: [heads], or [d_inner, state] in Mamba-1.</summary>
    public const string ALog = "layers.{i}.a_log";

    /// <summary>Skip weight: [heads] or [d_inner].</summary>
    public const string D = "layers.{i}.d";

    /// <summary>Gated norm of Mamba-2, [d_inner].</summary>
    public const string GateNorm = "layers.{i}.gate_norm.weight";

    /// <summary>Projection of Mamba-1 to dt, B and C, [rank + 2 state, d_inner].</summary>
    public const string XProj = "layers.{i}.x_proj.weight";

    /// <summary>Projection of Mamba-1 from the time step's rank, [d_inner, rank].</summary>
    public const string DtProjWeight = "layers.{i}.dt_proj.weight";

    /// <summary>Bias of the time step of Mamba-1, [d_inner].</summary>
    public const string DtProjBias = "layers.{i}.dt_proj.bias";

    /// <summary>Final norm, [d_model].</summary>
    public const string FinalNorm = "norm_f.weight";

    /// <summary>Head, [rows, d_model]; absent where it is the embedding.</summary>
    public const string Head = "lm_head.weight";
}
