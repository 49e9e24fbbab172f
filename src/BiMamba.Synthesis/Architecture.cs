using System.Collections.Immutable;

namespace BiMamba.Synthesis;

/// <summary>One row of the table of architectures that can be synthesized.</summary>
/// <param name="Word">The word of the command line.</param>
/// <param name="IsMamba2">True for the Mamba-2 block, false for that of Mamba-1.</param>
/// <param name="IsBinarized">True where in_proj and out_proj are FBI-Linear: latent weight, wscale and wbias.</param>
/// <param name="VocabularyMultiple">Rows of the embedding are the vocabulary rounded up to a multiple of this.</param>
/// <param name="StateSize">State of a head (Mamba-2) or a channel (Mamba-1) in the official shapes.</param>
/// <param name="Summary">What a checkpoint of this architecture is.</param>
public sealed record Architecture(string Word, bool IsMamba2, bool IsBinarized, int VocabularyMultiple, int StateSize, string Summary)
{
    /// <summary>Mamba-2.</summary>
    public static readonly Architecture Mamba2 =
        new("mamba2", true, false, 16, 128, "Mamba-2 in the layout of state-spaces.");

    /// <summary>Bi-Mamba.</summary>
    public static readonly Architecture BiMamba2 =
        new("bimamba2", true, true, 16, 128, "Bi-Mamba in its official layout: Mamba-2 with column scale and shift on both projections.");

    /// <summary>Mamba-1.</summary>
    public static readonly Architecture Mamba =
        new("mamba", false, false, 8, 16, "Mamba-1 in the layout of state-spaces.");

    /// <summary>All rows.</summary>
    public static ImmutableArray<Architecture> All { get; } = [Mamba2, BiMamba2, Mamba];

    /// <summary>The row of a word, or null.</summary>
    public static Architecture? Find(string word) => All.FirstOrDefault(row => row.Word == word);
}
