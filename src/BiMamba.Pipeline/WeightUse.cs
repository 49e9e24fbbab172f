using System.Collections.Immutable;

namespace BiMamba.Pipeline;

/// <summary>Whether a pass reads the weights of its module.</summary>
public enum WeightUse
{
    /// <summary>It needs them: a module of IR text alone is refused.</summary>
    Needed,

    /// <summary>It does more where they are there: what they would have to tell stays as it is without them.</summary>
    IfPresent,

    /// <summary>It never reads them.</summary>
    None,
}

/// <summary>One row of the table of uses.</summary>
/// <param name="Use">The use.</param>
/// <param name="Name">The word in JSON.</param>
/// <param name="Sentence">What it means for a module of IR text.</param>
public sealed record WeightUseInfo(WeightUse Use, string Name, string Sentence);

/// <summary>The table of uses of weights.</summary>
public static class WeightUses
{
    /// <summary>All rows, in the order of the enumeration.</summary>
    public static ImmutableArray<WeightUseInfo> All { get; } =
    [
        new(WeightUse.Needed, "needed", "Needs the weights: a module of text alone is refused."),
        new(WeightUse.IfPresent, "if-present", "Works without weights, and does more with them."),
        new(WeightUse.None, "none", "Reads no weights."),
    ];

    /// <summary>The row of a use.</summary>
    public static WeightUseInfo Info(this WeightUse use) => All[(int)use];
}
