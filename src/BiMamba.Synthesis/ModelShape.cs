namespace BiMamba.Synthesis;

/// <summary>Every size of a checkpoint. The defaults are those of the official code.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Width">d_model.</param>
/// <param name="Layers">Number of layers.</param>
/// <param name="Vocabulary">Entries of the vocabulary, without padding.</param>
internal sealed record ModelShape(Architecture Architecture, long Width, int Layers, long Vocabulary)
{
    /// <summary>Features of a head in the official shapes.</summary>
    public const long DefaultHeadWidth = 64;

    /// <summary>State of a head or a channel.</summary>
    public long State { get; init; } = Architecture.StateSize;

    /// <summary>Features of a head of Mamba-2.</summary>
    public long HeadWidth { get; init; } = DefaultHeadWidth;

    /// <summary>Rows of the embedding.</summary>
    public long Rows =>
        (Vocabulary + Architecture.VocabularyMultiple - 1) / Architecture.VocabularyMultiple * Architecture.VocabularyMultiple;

    /// <summary>Features inside a block.</summary>
    public long Inner => 2 * Width;

    /// <summary>Taps of the convolution.</summary>
    public long ConvWidth => 4;

    /// <summary>Heads of Mamba-2.</summary>
    public long Heads => Inner / HeadWidth;

    /// <summary>Channels of the convolution: x, and for Mamba-2 B and C of the one group.</summary>
    public long ConvChannels => Architecture.IsMamba2 ? Inner + (2 * State) : Inner;

    /// <summary>Rows of the input projection: z, x, B, C, dt for Mamba-2; x, z for Mamba-1.</summary>
    public long InProjRows => Architecture.IsMamba2 ? Inner + ConvChannels + Heads : 2 * Inner;

    /// <summary>Rank of the time step of Mamba-1.</summary>
    public long TimeStepRank => (Width + 15) / 16;

    /// <summary>The shape that options ask for.</summary>
    public static ModelShape Of(SynthesisOptions options) =>
        new(options.Architecture, options.Size.Width, options.Size.Layers, options.Vocabulary);
}
