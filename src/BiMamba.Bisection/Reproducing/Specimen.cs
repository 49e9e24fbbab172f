using System.Collections.Immutable;
using BiMamba.Bisection.Running;
using BiMamba.IR;

namespace BiMamba.Bisection.Reproducing;

/// <summary>What a reproducer is cut from: ops of one block before the stage, with what they computed.</summary>
/// <param name="Before">The module before the stage.</param>
/// <param name="After">The module after it.</param>
/// <param name="Block">The block.</param>
/// <param name="Ops">The ops, in order of execution.</param>
/// <param name="Value">The value that shows the difference.</param>
/// <param name="Feature">Its feature that shows it most.</param>
/// <param name="Token">The token of that.</param>
/// <param name="Recorded">Every value of the block, as recorded.</param>
/// <param name="Ids">The token ids of the recording.</param>
internal sealed record Specimen(
    Module Before, Module After, Block Block, ImmutableArray<Op> Ops, string Value, int Feature, int Token, IReadOnlyDictionary<string, Activations> Recorded, int[] Ids)
{
    /// <summary>Types of the values by name.</summary>
    public IReadOnlyDictionary<string, IR.ValueType> Types =>
        Block.Body.SelectMany(op => op.Results).Prepend(Block.Parameter).ToDictionary(value => value.Name, value => value.Type, StringComparer.Ordinal);

    /// <summary>True where the ops read token ids.</summary>
    public bool TakesIds => !Block.Parameter.Type.IsFeatures && Ops.Any(op => op.Operands.Any(operand => !operand.IsResource && operand.Name == Block.Parameter.Name));

    /// <summary>Values that the ops read and do not define, in the order in which they are read first.</summary>
    public ImmutableArray<string> Inputs
    {
        get
        {
            var own = Ops.SelectMany(op => op.Results).Select(value => value.Name).ToHashSet(StringComparer.Ordinal);
            return [.. Ops.SelectMany(op => op.Operands).Where(operand => !operand.IsResource && !own.Contains(operand.Name)).Select(operand => operand.Name).Distinct(StringComparer.Ordinal)];
        }
    }
}
