using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Passes.Shared;

namespace BiMamba.Passes.Canonicalize;

/// <summary>Ops whose results nobody reads. A block carries nothing but what it returns, so a scan that nobody reads goes too.</summary>
internal static class DeadOps
{
    /// <summary>The block without them; going backwards, ops that only they read go with them.</summary>
    public static Block Remove(Block block, CanonicalCounts counts)
    {
        var live = new HashSet<string>(StringComparer.Ordinal) { block.Return };
        var kept = new Stack<Op>();
        foreach (var op in block.Body.Reverse())
        {
            if (!op.Results.Any(result => live.Contains(result.Name)))
                continue;
            kept.Push(op);
            live.UnionWith(op.Operands.Where(operand => !operand.IsResource).Select(operand => operand.Name));
        }

        counts.DeadOps += block.Body.Length - kept.Count;
        return kept.Count == block.Body.Length ? block : block.With(kept);
    }
}
