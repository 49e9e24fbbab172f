using System.Collections.Immutable;

namespace BiMamba.IR;

/// <summary>How far a module is lowered.</summary>
public enum Level
{
    /// <summary>Imported in full precision.</summary>
    Float,

    /// <summary>Imported binarization-aware: latent weight, scale and shift.</summary>
    Fbi,

    /// <summary>Every low-bit linear has its low-bit form, unpacked.</summary>
    Quant,

    /// <summary>Low-bit linears are bit planes in the layout of the file and the kernels.</summary>
    Packed,
}

/// <summary>One row of the level table.</summary>
/// <param name="Level">The level.</param>
/// <param name="Name">The word in IR and pipeline text.</param>
/// <param name="Summary">What a module of this level holds.</param>
public sealed record LevelInfo(Level Level, string Name, string Summary);

/// <summary>The level table.</summary>
public static class Levels
{
    /// <summary>All rows, from the front end to the file.</summary>
    public static ImmutableArray<LevelInfo> All { get; } =
    [
        new(Level.Float, "float", "imported full precision"),
        new(Level.Fbi, "fbi", "imported binarization-aware: latent weight, scale, shift"),
        new(Level.Quant, "quant", "each low-bit linear has its low-bit form, unpacked"),
        new(Level.Packed, "packed", "bit planes, as the file and the kernels hold them"),
    ];

    /// <summary>The word of a level.</summary>
    public static string Name(this Level level) => All[(int)level].Name;
}
