using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Passes.Shared;

/// <summary>Changed copies of blocks.</summary>
public static class BlockEditing
{
    /// <summary>The block with other ops.</summary>
    public static Block With(this Block block, IEnumerable<Op> body) => block with { Body = [.. body] };

    /// <summary>The block in which everything that read a value reads another, which is defined before.</summary>
    public static Block Redirect(this Block block, string from, string to) => block with
    {
        Body = [.. block.Body.Select(op => Reads(op, from) ? op with { Operands = [.. op.Operands.Select(operand => IsValue(operand, from) ? operand with { Name = to } : operand)] } : op)],
        Return = block.Return == from ? to : block.Return,
    };

    /// <summary>True where an op reads a value.</summary>
    public static bool Reads(this Op op, string value) => op.Operands.Any(operand => IsValue(operand, value));

    /// <summary>The only op that reads a value; null where there are more, or none, or the block returns it.</summary>
    public static Op? OnlyReader(this Block block, string value) =>
        block.Uses(value) == 1 ? block.Body.FirstOrDefault(op => Reads(op, value)) : null;

    /// <summary>A module with one block replaced.</summary>
    public static Module WithBlock(this Module module, int index, Block block) =>
        ReferenceEquals(module.Blocks[index], block) ? module : module with { Blocks = module.Blocks.SetItem(index, block) };

    /// <summary>The ops of a block with one replaced and one left out.</summary>
    public static ImmutableArray<Op> Replace(this Block block, Op replaced, Op replacement, Op? removed = null) =>
        [.. block.Body.Where(op => !ReferenceEquals(op, removed)).Select(op => ReferenceEquals(op, replaced) ? replacement : op)];

    private static bool IsValue(Operand operand, string value) => !operand.IsResource && operand.Name == value;
}
