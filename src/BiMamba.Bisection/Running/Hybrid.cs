using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Bisection.Running;

/// <summary>Modules made of parts of two others, to run and not to verify: their ops may be of several levels.</summary>
internal static class Hybrid
{
    /// <summary>Name of the value that an input block returns.</summary>
    public const string InputValue = "r";

    private const string Prefix = "after:";

    /// <summary>An op of the module after the stage, with its weights under names that those before the stage do not have.</summary>
    public static Op FromAfter(Op op) => op with
    {
        Operands = [.. op.Operands.Select(operand => operand.IsResource ? operand with { Name = Prefix + operand.Name } : operand)],
    };

    /// <summary>A block of the module after the stage, all of its ops as by <see cref="FromAfter(Op)"/>.</summary>
    public static Block FromAfter(Block block) => block with { Body = [.. block.Body.Select(FromAfter)] };

    /// <summary>
    /// The module before the stage from one block on, with another block in its place, whose ops may be
    /// <see cref="FromAfter(Op)"/>.
    /// </summary>
    /// <param name="before">The module before the stage.</param>
    /// <param name="after">The module after it, for weights.</param>
    /// <param name="index">The block's index in the module before.</param>
    /// <param name="block">The block in its place.</param>
    /// <param name="input">What it gets, for ids 0, 1, 2 and so on; null for a block that takes ids.</param>
    /// <param name="withRest">False to end with the block.</param>
    public static Module Of(Module before, Module after, int index, Block block, Activations? input, bool withRest)
    {
        var resources = before.Resources.ToBuilder();
        foreach (var resource in after.Resources.Values)
            resources[Prefix + resource.Name] = resource.Renamed(Prefix + resource.Name);
        var blocks = new List<Block> { block };
        if (withRest)
            blocks.AddRange(before.Blocks[(index + 1)..]);
        if (input is not null)
        {
            var weight = InputWeight(Prefix + "input", input);
            resources[weight.Name] = weight;
            blocks.Insert(0, InputBlock("input", weight));
        }

        return (before with { Resources = resources.ToImmutable(), Blocks = [.. blocks] }).WithoutUnusedResources();
    }

    /// <summary>A block that returns the rows of a weight for ids: recorded activations in place of what the blocks before computed.</summary>
    public static Block InputBlock(string name, Resource weight)
    {
        var builder = new BlockBuilder(name, new Value("ids", new IR.ValueType(ElementType.I32, IR.ValueType.Tokens)), _ => weight);
        return builder.Return(builder.Add(InputValue, OpCode.Embedding, [("ids", "ids"), ("weight", weight.Name)]));
    }

    private static Resource InputWeight(string name, Activations input) =>
        new(name, MemoryTensor.Of(input.Values, Shape.Of(input.Tokens, input.Width)));
}
