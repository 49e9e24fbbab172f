using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Canonicalize;

/// <summary>
/// Removes what changes no number: ops that nobody reads, splits of splits, factors of one and terms of zero, resources
/// that no op names. Running it again changes nothing.
/// </summary>
/// <remarks>
/// Results have the same bits but for the sign of a zero: a sum with a term 0 less is -0 where it was +0. Without
/// weights the factors and terms stay, since nobody can see that they are one or zero.
/// </remarks>
public sealed class CanonicalizePass : Pass
{
    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "canonicalize",
        "Splits of splits are one split; factors of one, terms of zero and what nobody reads go.",
        LevelRule.Everywhere,
        [],
        "canonicalize")
    {
        Weights = WeightUse.IfPresent,
    };

    /// <inheritdoc/>
    public override Module? Run(Module module, PassOptions options, PassContext context)
    {
        var counts = new CanonicalCounts();
        var neutral = new NeutralOperands(module, counts);
        var blocks = module.Blocks.Select(block =>
        {
            context.Cancellation.ThrowIfCancellationRequested();
            return Settle(block, neutral, counts);
        }).ToList();
        var result = (module with { Blocks = [.. blocks] }).WithoutUnusedResources();
        counts.Resources = module.Resources.Count - result.Resources.Count;
        context.Diagnostics.Add(PipelineDiagnostics.PassReport, counts.ToString(), new Place("canonicalize"));
        return result;
    }

    /// <summary>One rule can make room for another: an op that goes leaves a value with one reader. Every step removes something, so it ends.</summary>
    private static Block Settle(Block block, NeutralOperands neutral, CanonicalCounts counts)
    {
        while (true)
        {
            var before = counts.Changes;
            block = DeadOps.Remove(neutral.Remove(block), counts);
            block = Splits.Merge(block, counts);
            if (counts.Changes == before)
                return block;
        }
    }
}
