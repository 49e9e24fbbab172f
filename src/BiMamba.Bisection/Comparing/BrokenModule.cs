using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Bisection.Comparing;

/// <summary>Finds the place in a module that the verifier refuses, so that it cannot be run.</summary>
/// <param name="before">The module before the stage.</param>
/// <param name="after">The refused module after it.</param>
internal sealed class BrokenModule(Module before, Module after)
{
    /// <summary>
    /// The first block with a changed op whose results have other types than before, or whose own rules are broken; null
    /// where the fault is not in an op.
    /// </summary>
    public (BlockPair Pair, Component Component, TensorFinding Tensor)? Find(ImmutableArray<BlockPair> pairs)
    {
        var identity = new OpIdentity(before, after);
        var tensors = new TensorSearch(before, after);
        foreach (var pair in pairs.Where(AreNamesKnown))
        {
            foreach (var component in Components.Of(pair, identity, isFine: true))
            {
                if ((tensors.FindType(pair, component) ?? FindRule(pair, component)) is { } tensor)
                    return (pair, component, tensor);
            }
        }

        return null;
    }

    /// <summary>Ops that name weights which do not exist cannot be compared.</summary>
    private bool AreNamesKnown(BlockPair pair) => pair.After.Body.SelectMany(op => op.Operands).All(operand => !operand.IsResource || after.Resources.ContainsKey(operand.Name));

    private TensorFinding? FindRule(BlockPair pair, Component component)
    {
        var types = pair.After.Body.SelectMany(op => op.Results).Prepend(pair.After.Parameter).DistinctBy(value => value.Name).ToDictionary(value => value.Name, value => value.Type, StringComparer.Ordinal);
        foreach (var op in component.After)
        {
            var problems = new List<OpProblem>();
            var inferred = OpTyping.Infer(op, name => types.GetValueOrDefault(name), name => after.Resources.GetValueOrDefault(name), problems);
            if (problems.Count == 0 && (inferred.IsDefault || inferred.SequenceEqual(op.Results.Select(result => result.Type))))
                continue;
            var old = component.Before.FirstOrDefault(other => other.Results[0].Name == op.Results[0].Name);
            return new TensorFinding(
                op.Results[0].Name, old is null ? null : IrPrinter.Print(old), IrPrinter.Print(op), [.. problems.Select(problem => problem.Resource).OfType<string>()], null, 0,
                old?.Results[0].Type.ToString() ?? "none", (inferred.IsDefaultOrEmpty ? op.Results[0].Type : inferred[0]).ToString());
        }

        return null;
    }
}
