using System.Collections.Immutable;
using BiMamba.Passes.FoldFbi;
using BiMamba.Passes.Pack;
using BiMamba.Passes.QuantizeEmbedding;
using BiMamba.Pipeline;

namespace BiMamba.Passes;

/// <summary>The pass table: every pass once, in the order of a usual pipeline.</summary>
public static class PassTable
{
    /// <summary>All passes.</summary>
    public static ImmutableArray<Pass> All { get; } =
    [
        new FoldFbiPass(),
        new QuantizeEmbeddingPass(),
        new PackPass(),
    ];
}
