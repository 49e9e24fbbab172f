namespace BiMamba.Frontend;

/// <summary>What the user may decide about an import.</summary>
/// <param name="NormGroupSize">Columns that the gated norm of Mamba-2 takes together, instead of those of the layout.</param>
/// <param name="Fidelity">What an FBI-Linear computes: <c>latent</c> or <c>official-fp16</c>.</param>
/// <param name="ConfigPath">The configuration, instead of the one beside the weights.</param>
/// <param name="TokenizerPath">The tokenizer, instead of the one beside the weights.</param>
public sealed record ImportOptions(
    int? NormGroupSize = null,
    string Fidelity = "latent",
    string? ConfigPath = null,
    string? TokenizerPath = null);
