using BiMamba.IR;

namespace BiMamba.Bisection.Comparing;

/// <summary>Makes a changed <c>return</c> a changed op, so that it is found as one.</summary>
internal static class ReturnMark
{
    private const string Name = "returned";

    /// <summary>The pair; where the two blocks return different values, both end with an op that names what they return.</summary>
    public static BlockPair Apply(BlockPair pair) =>
        pair.Before.Return == pair.After.Return ? pair : pair with { Before = Mark(pair.Before), After = Mark(pair.After) };

    private static Block Mark(Block block)
    {
        var builder = new BlockBuilder(block.Name, new Value(block.Return, block.ReturnType), _ => throw new InvalidOperationException("a split has no weights"));
        builder.AddMany([Name], OpCode.Split, [("x", block.Return)], (Attributes.Sizes, new AttributeValue.Ints([block.ReturnType.Width])));
        return block with { Body = block.Body.Add(builder.Return(Name).Body[0]), Return = Name };
    }
}
