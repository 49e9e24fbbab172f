using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Bisection.Comparing;

/// <summary>Divides the changes of a block into parts that can be looked at one by one.</summary>
internal static class Components
{
    /// <summary>
    /// The components of a pair, in the order of their first op before the stage; empty where nothing changed.
    /// </summary>
    /// <param name="pair">The block before and after.</param>
    /// <param name="identity">Says which ops are the same.</param>
    /// <param name="isFine">
    /// True to hold ops together only where one of them has another form than before and both have weights. Ops that only
    /// got other weights, as rounding gives them, then stand alone; a factor that moved from one such op to another is
    /// torn apart.
    /// </param>
    public static ImmutableArray<Component> Of(BlockPair pair, OpIdentity identity, bool isFine = false)
    {
        var same = Alike(pair.Before.Body, pair.After.Body, identity.IsSame);
        var before = Changed(pair.Before, same);
        var after = Changed(pair.After, same);
        var groups = new NameGroups();
        foreach (var op in before.Concat(after))
        {
            foreach (var name in op.Results.Skip(1).Select(value => value.Name))
                groups.Join(op.Results[0].Name, name);
        }

        // Only values that a changed op defines hold ops together.
        var defined = before.Concat(after).SelectMany(op => op.Results).Select(value => value.Name).ToHashSet(StringComparer.Ordinal);
        var (alone, reformed) = (Alike(before, after, OpIdentity.IsSelfContained), Alike(before, after, (left, right) => !OpIdentity.IsSameForm(left, right)));
        reformed.UnionWith(defined.Except(Alike(before, after, (_, _) => true)));
        foreach (var op in before.Concat(after))
        {
            foreach (var operand in op.Operands.Where(operand => !operand.IsResource && defined.Contains(operand.Name)))
            {
                if (!isFine || IsHeld(operand.Name, op.Results[0].Name))
                    groups.Join(op.Results[0].Name, operand.Name);
            }
        }

        var order = before.Concat(after).Select(op => groups.Find(op.Results[0].Name)).Distinct(StringComparer.Ordinal);
        return [.. order.Select(group => new Component(Members(before, group), Members(after, group)))];

        bool IsHeld(string left, string right) => (reformed.Contains(left) || reformed.Contains(right)) && !alone.Contains(left) && !alone.Contains(right);
        ImmutableArray<Op> Members(ImmutableArray<Op> ops, string group) => [.. ops.Where(op => groups.Find(op.Results[0].Name) == group)];
    }

    /// <summary>Everything that changed as one component.</summary>
    public static Component Merge(ImmutableArray<Component> parts, BlockPair pair) => new(
        [.. pair.Before.Body.Where(op => parts.Any(part => part.Before.Contains(op)))],
        [.. pair.After.Body.Where(op => parts.Any(part => part.After.Contains(op)))]);

    /// <summary>Values of the ops that have a counterpart with which they fulfil a condition.</summary>
    private static HashSet<string> Alike(ImmutableArray<Op> before, ImmutableArray<Op> after, Func<Op, Op, bool> condition)
    {
        var others = after.SelectMany(op => op.Results.Select(value => (value.Name, Op: op))).DistinctBy(pair => pair.Name).ToDictionary(pair => pair.Name, pair => pair.Op, StringComparer.Ordinal);
        return [.. before.Where(op => others.TryGetValue(op.Results[0].Name, out var other) && condition(op, other)).SelectMany(op => op.Results).Select(value => value.Name)];
    }

    private static ImmutableArray<Op> Changed(Block block, HashSet<string> same) =>
        [.. block.Body.Where(op => !same.Contains(op.Results[0].Name))];

    /// <summary>Disjoint sets of names.</summary>
    private sealed class NameGroups
    {
        private readonly Dictionary<string, string> parents = new(StringComparer.Ordinal);

        public string Find(string name)
        {
            while (parents.TryGetValue(name, out var parent))
                name = parent;
            return name;
        }

        public void Join(string left, string right)
        {
            var (first, second) = (Find(left), Find(right));
            if (first != second)
                parents[first] = second;
        }
    }
}
