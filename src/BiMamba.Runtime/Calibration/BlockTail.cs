using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Runtime.Calibration;

/// <summary>What is left of a block behind one of its values, as a block of its own.</summary>
internal static class BlockTail
{
    /// <summary>
    /// The ops behind a value that need nothing but it and the block's parameter. The parameter of the result is both side
    /// by side, the block's own first. Null where the ops need more.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="value">The value that is known.</param>
    /// <param name="wanted">The value that is wanted.</param>
    public static Block? Of(Block block, string value, string wanted)
    {
        if (!block.Parameter.Type.IsFeatures || block.Parameter.Name == value || block.Find(value) is not { } known)
            return null;
        var needed = new HashSet<string>(StringComparer.Ordinal) { wanted };
        var body = new List<Op>();
        foreach (var op in block.Body.Reverse())
        {
            if (!op.Results.Any(result => result.Name != value && needed.Contains(result.Name)))
                continue;
            body.Insert(0, op);
            needed.ExceptWith(op.Results.Select(result => result.Name));
            needed.UnionWith(op.Operands.Where(operand => !operand.IsResource).Select(operand => operand.Name));
        }

        needed.ExceptWith([value, block.Parameter.Name]);
        if (needed.Count > 0 || body.Any(op => op.Results.Any(result => result.Name == value)))
            return null;
        var (first, second) = (block.Parameter.Type.Width, known.Type.Width);
        var both = new Value(ResultName(block), IR.ValueType.Features(first + second));
        var split = new Op(
            OpCode.Split, [block.Parameter, known], [Operand.Value("x", both.Name)],
            ImmutableDictionary<string, AttributeValue>.Empty.Add(Attributes.Sizes.Name, new AttributeValue.Ints([first, second])));
        return new Block(block.Name, both, [split, .. body], wanted);
    }

    /// <summary>A name that no value of the block has.</summary>
    private static string ResultName(Block block)
    {
        var name = "both";
        while (block.Find(name) is not null)
            name += "_";
        return name;
    }
}
