using System.Collections.Immutable;

namespace BiMamba.Frontend;

/// <summary>When a tensor must be there.</summary>
internal enum Presence
{
    /// <summary>In every layer.</summary>
    Always,

    /// <summary>In all layers or in none.</summary>
    AllOrNone,
}

/// <summary>One row of the shape table: a tensor of a layer, and the shapes that it may have; a null dimension is not known.</summary>
internal sealed record TensorRule(string Handle, Presence Presence, Func<Dimensions, long?[][]> Shapes)
{
    private static readonly ImmutableArray<TensorRule> Common =
    [
        new(Handles.Norm, Presence.Always, d => [[d.Model]]),
        new(Handles.ConvWeight, Presence.Always, d => [[d.Conv, 1, d.ConvWidth]]),
        new(Handles.ConvBias, Presence.AllOrNone, d => [[d.Conv]]),
        new(Handles.OutProj + Handles.Weight, Presence.Always, d => [[d.Model, d.Inner]]),
        new(Handles.OutProj + Handles.Bias, Presence.AllOrNone, d => [[d.Model]]),
    ];

    private static readonly ImmutableArray<TensorRule> Mamba1 =
    [
        .. Common,
        .. InProj(BlockFamily.Mamba1),
        new(Handles.XProj, Presence.Always, d => [[d.Rank + (2 * d.State), d.Inner]]),
        new(Handles.DtProjWeight, Presence.Always, d => [[d.Inner, d.Rank]]),
        new(Handles.DtProjBias, Presence.Always, d => [[d.Inner]]),
        new(Handles.ALog, Presence.Always, d => [[d.Inner, d.State]]),
        new(Handles.D, Presence.Always, d => [[d.Inner]]),
    ];

    private static readonly ImmutableArray<TensorRule> Mamba2 =
    [
        .. Common,
        .. InProj(BlockFamily.Mamba2),
        new(Handles.DtBias, Presence.Always, d => [[d.Heads]]),
        new(Handles.ALog, Presence.Always, d => [[d.Heads]]),
        new(Handles.D, Presence.Always, d => [[d.Heads], [d.Inner]]),
        new(Handles.GateNorm, Presence.Always, d => [[d.Inner]]),
    ];

    /// <summary>The table of a family.</summary>
    public static ImmutableArray<TensorRule> For(BlockFamily family) => family switch
    {
        BlockFamily.Mamba1 => Mamba1,
        BlockFamily.Mamba2 => Mamba2,
        _ => throw new InvalidOperationException($"unknown family {family}"),
    };

    private static TensorRule[] InProj(BlockFamily family) =>
    [
        new(Handles.InProj + Handles.Weight, Presence.Always, d => [[d.InProjRows(family), d.Model]]),
        new(Handles.InProj + Handles.Bias, Presence.AllOrNone, d => [[d.InProjRows(family)]]),
    ];
}
