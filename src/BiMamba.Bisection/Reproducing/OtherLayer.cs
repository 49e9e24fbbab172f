using System.Collections.Immutable;
using BiMamba.Bisection.Comparing;
using BiMamba.IR;

namespace BiMamba.Bisection.Reproducing;

/// <summary>Adds the weights of another layer to a specimen, where a stage took them for its own.</summary>
internal static class OtherLayer
{
    private const string Prefix = "other_";

    /// <summary>
    /// The specimen with the ops that stand in another block where its own stand; its value is then the sum of both.
    /// Null where the component after the stage reads no weights of another block, or where that has no such ops.
    /// </summary>
    /// <param name="specimen">The ops of the component before the stage.</param>
    /// <param name="pairs">All blocks.</param>
    /// <param name="pair">The block of the component.</param>
    /// <param name="component">The changed ops.</param>
    public static Specimen? AddTo(Specimen specimen, ImmutableArray<BlockPair> pairs, BlockPair pair, Component component)
    {
        var names = Weights(component.After).Except(Weights(component.Before), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        foreach (var other in pairs.Where(other => other.Index != pair.Index && Weights(other.After.Body).Any(names.Contains)))
        {
            var counterparts = other.Before.Body.ToDictionary(op => op.Results[0].Name, StringComparer.Ordinal);
            if (component.Before.All(op => counterparts.TryGetValue(op.Results[0].Name, out var counterpart) && OpIdentity.IsSameForm(op, counterpart)))
                return Add(specimen, [.. component.Before.Select(op => counterparts[op.Results[0].Name])]);
        }

        return null;
    }

    private static Specimen Add(Specimen specimen, ImmutableArray<Op> others)
    {
        var own = others.SelectMany(op => op.Results).Select(value => value.Name).ToHashSet(StringComparer.Ordinal);
        var renamed = others.Select(op => op with
        {
            Results = [.. op.Results.Select(value => value with { Name = Prefix + value.Name })],
            Operands = [.. op.Operands.Select(operand => !operand.IsResource && own.Contains(operand.Name) ? operand with { Name = Prefix + operand.Name } : operand)],
        });
        var sum = new Op(
            OpCode.Add,
            [new Value("sum", specimen.Types[specimen.Value])],
            [Operand.Value("a", specimen.Value), Operand.Value("b", Prefix + specimen.Value)],
            ImmutableDictionary<string, AttributeValue>.Empty);
        ImmutableArray<Op> added = [.. renamed, sum];
        return specimen with { Block = specimen.Block with { Body = [.. specimen.Block.Body, .. added] }, Ops = [.. specimen.Ops, .. added], Value = sum.Result.Name };
    }

    private static IEnumerable<string> Weights(ImmutableArray<Op> ops) => ops.SelectMany(op => op.Operands).Where(operand => operand.IsResource).Select(operand => operand.Name);
}
