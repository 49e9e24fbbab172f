using System.Collections.Immutable;

namespace BiMamba.Pipeline;

/// <summary>Stages in the order in which they run.</summary>
public sealed record PassPipeline(ImmutableArray<Stage> Stages)
{
    /// <summary>The canonical text, which parses to the same pipeline; empty where there are no stages.</summary>
    public override string ToString() => string.Join(" | ", Stages);
}
