using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Bisection.Comparing;

/// <summary>A block before the stage and its counterpart after it, whose values have the names of those before.</summary>
/// <param name="Index">Index in the module before.</param>
/// <param name="Before">The block before.</param>
/// <param name="After">The block after, its values renamed to those of <paramref name="Before"/> that they stand for.</param>
internal sealed record BlockPair(int Index, Block Before, Block After);

/// <summary>Finds the counterparts of blocks and values.</summary>
internal static class BlockAlignment
{
    /// <summary>
    /// The blocks of both modules that stand for each other: those of one name where each has one, else those in the same
    /// place. Null where there are not as many of them.
    /// </summary>
    public static ImmutableArray<BlockPair>? Pairs(Module before, Module after)
    {
        if (before.Blocks.Length != after.Blocks.Length)
            return null;
        var byName = after.Blocks.DistinctBy(block => block.Name).ToDictionary(block => block.Name, StringComparer.Ordinal);
        var hasNames = before.Blocks.All(block => byName.ContainsKey(block.Name));
        var pairs = before.Blocks.Select((block, index) => new BlockPair(index, block, Align(block, hasNames ? byName[block.Name] : after.Blocks[index])));
        return [.. pairs];
    }

    /// <summary>
    /// The block after with names of values of the block before: those that both have stay; where the ops are of the same
    /// kinds in the same order, the others are matched by their place.
    /// </summary>
    private static Block Align(Block before, Block after)
    {
        var known = Names(before).ToHashSet(StringComparer.Ordinal);
        var kept = Names(after).ToHashSet(StringComparer.Ordinal);
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        Match(before.Parameter, after.Parameter);
        if (before.Body.Select(Form).SequenceEqual(after.Body.Select(Form)))
        {
            foreach (var (left, right) in before.Body.Zip(after.Body).SelectMany(pair => pair.First.Results.Zip(pair.Second.Results)))
                Match(left, right);
        }

        return map.Count == 0 ? after : Rename(after, map);

        void Match(Value left, Value right)
        {
            if (!known.Contains(right.Name) && !kept.Contains(left.Name))
                map[right.Name] = left.Name;
        }
    }

    private static (OpCode Code, int Results) Form(Op op) => (op.Code, op.Results.Length);

    private static IEnumerable<string> Names(Block block) => block.Body.SelectMany(op => op.Results).Prepend(block.Parameter).Select(value => value.Name);

    private static Block Rename(Block block, Dictionary<string, string> map)
    {
        return new Block(
            block.Name,
            Renamed(block.Parameter),
            [.. block.Body.Select(op => op with { Results = [.. op.Results.Select(Renamed)], Operands = [.. op.Operands.Select(RenamedOperand)] })],
            Name(block.Return));

        string Name(string name) => map.GetValueOrDefault(name, name);
        Value Renamed(Value value) => value with { Name = Name(value.Name) };
        Operand RenamedOperand(Operand operand) => operand.IsResource ? operand : operand with { Name = Name(operand.Name) };
    }
}
