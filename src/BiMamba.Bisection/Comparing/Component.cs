using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Bisection.Comparing;

/// <summary>Changed ops of a block that hang together by the values that they define and read.</summary>
/// <param name="Before">The ops before the stage, in order of execution.</param>
/// <param name="After">The ops that stand for them after it, in order of execution.</param>
internal sealed record Component(ImmutableArray<Op> Before, ImmutableArray<Op> After)
{
    /// <summary>
    /// Values that both sides define and that something outside reads or the block returns, in the order in which they
    /// are defined before the stage.
    /// </summary>
    public IEnumerable<(Value Before, Value After)> Visible(BlockPair pair)
    {
        var after = After.SelectMany(op => op.Results).DistinctBy(value => value.Name).ToDictionary(value => value.Name, StringComparer.Ordinal);
        return Before.SelectMany(op => op.Results)
            .Where(value => after.ContainsKey(value.Name) && (IsRead(pair.Before, Before, value.Name) || IsRead(pair.After, After, value.Name)))
            .Select(value => (value, after[value.Name]));
    }

    /// <summary>The ops of the block before with those of this component exchanged; null where no order of execution exists.</summary>
    public Block? Mix(BlockPair pair)
    {
        var open = pair.Before.Body.Select(op => Before.Contains(op) ? null : op).ToList();
        var at = Before.IsEmpty ? 0 : pair.Before.Body.IndexOf(Before[0]);
        open.InsertRange(at, After.Select(Running.Hybrid.FromAfter));
        open.RemoveAll(op => op is null);
        var defined = new HashSet<string>(StringComparer.Ordinal) { pair.Before.Parameter.Name };
        var body = ImmutableArray.CreateBuilder<Op>(open.Count);
        while (open.Count > 0)
        {
            var next = open.FindIndex(op => op!.Operands.All(operand => operand.IsResource || defined.Contains(operand.Name)));
            if (next < 0)
                return null;
            defined.UnionWith(open[next]!.Results.Select(value => value.Name));
            body.Add(open[next]!);
            open.RemoveAt(next);
        }

        return pair.Before with { Body = body.ToImmutable() };
    }

    private static bool IsRead(Block block, ImmutableArray<Op> own, string name) =>
        block.Return == name || block.Body.Any(op => !own.Contains(op) && op.Operands.Any(operand => !operand.IsResource && operand.Name == name));
}
