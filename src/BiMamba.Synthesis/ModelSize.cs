using System.Collections.Immutable;

namespace BiMamba.Synthesis;

/// <summary>One row of the table of official sizes, which the architectures share.</summary>
/// <param name="Word">The word of the command line, as in the names of the Mamba-2 checkpoints.</param>
/// <param name="MambaWord">The word in the names of the Mamba-1 checkpoints; understood for that architecture too.</param>
/// <param name="Width">d_model.</param>
/// <param name="Layers">Number of layers.</param>
/// <remarks>Source: the config.json files of huggingface.co/state-spaces.</remarks>
public sealed record ModelSize(string Word, string MambaWord, int Width, int Layers)
{
    /// <summary>All rows, smallest first.</summary>
    public static ImmutableArray<ModelSize> All { get; } =
    [
        new("130m", "130m", 768, 24),
        new("370m", "370m", 1024, 48),
        new("780m", "790m", 1536, 48),
        new("1.3b", "1.4b", 2048, 48),
        new("2.7b", "2.8b", 2560, 64),
    ];

    /// <summary>The row of a word, or null.</summary>
    public static ModelSize? Find(Architecture architecture, string word) =>
        All.FirstOrDefault(row => row.Word == word || (!architecture.IsMamba2 && row.MambaWord == word));
}
