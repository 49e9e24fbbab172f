using BiMamba.IR;
using BiMamba.Passes.Shared;

namespace BiMamba.Passes.Canonicalize;

/// <summary>A split of a part that nobody else reads belongs into the split before it; a split into one part is its input.</summary>
internal static class Splits
{
    /// <summary>The block after at most one such rewrite of each split.</summary>
    public static Block Merge(Block block, CanonicalCounts counts)
    {
        foreach (var split in block.Body.Where(op => op.Code == OpCode.Split))
        {
            // An earlier rewrite of this round may have taken the op.
            if (!block.Body.Any(op => ReferenceEquals(op, split)))
                continue;
            if (split.Results.Length == 1)
            {
                block = block.With(block.Body.Where(op => !ReferenceEquals(op, split))).Redirect(split.Result.Name, split.Get("x"));
                counts.Identities++;
            }
            else if (FindInner(block, split) is { } inner)
            {
                block = block.With(block.Replace(split, Merged(split, inner), inner));
                counts.MergedSplits++;
            }
        }

        return block;
    }

    private static Op? FindInner(Block block, Op split) =>
        split.Results.Select(part => block.OnlyReader(part.Name)).FirstOrDefault(reader => reader?.Code == OpCode.Split);

    private static Op Merged(Op outer, Op inner)
    {
        var whole = inner.Get("x");
        var results = outer.Results.SelectMany(part => part.Name == whole ? inner.Results : [part]).ToList();
        return outer.With(Attributes.Sizes, new AttributeValue.Ints([.. results.Select(part => part.Type.Width)])) with { Results = [.. results] };
    }
}
