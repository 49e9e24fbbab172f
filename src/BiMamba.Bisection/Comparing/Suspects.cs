using BiMamba.Bisection.Running;
using BiMamba.IR;

namespace BiMamba.Bisection.Comparing;

/// <summary>Orders the weights that a component changed by how well they explain what is seen.</summary>
/// <param name="before">The module before the stage.</param>
/// <param name="after">The module after it.</param>
internal sealed class Suspects(Module before, Module after)
{
    private readonly OpIdentity identity = new(before, after);

    /// <summary>
    /// Names of the weights of the changed ops whose elements are not those of the weight in the same place before the
    /// stage, the likeliest first: a weight that another block reads; then, where ops only got other weights, the one that
    /// alone moves the value most; else by the spread, as a weight in one row shows in one feature, a vector of the
    /// columns in all of them, and one that shifts alike in all of them.
    /// </summary>
    /// <param name="component">The changed ops.</param>
    /// <param name="spread">How the value differs.</param>
    /// <param name="effect">How far the value moves where one op of the block before is exchanged for another.</param>
    public IEnumerable<string> Of(Component component, Spread spread, Func<Op, Op, double> effect)
    {
        var old = component.Before.ToDictionary(op => op.Results[0].Name, StringComparer.Ordinal);
        var changed = component.After
            .SelectMany(op => op.Operands.Where(operand => operand.IsResource).Select(operand => (Op: op, Operand: operand, Old: Counterpart(op, operand, old))))
            .Where(item => item.Old is null || !identity.IsSameWeight(item.Old, item.Operand.Name))
            .DistinctBy(item => item.Operand.Name).ToList();
        var isSameForm = component.After.All(op => old.TryGetValue(op.Results[0].Name, out var other) && OpIdentity.IsSameForm(other, op));
        return changed
            .OrderBy(item => IsForeign(item.Operand.Name, item.Old, component) ? 0 : 1)
            .ThenByDescending(item => isSameForm && changed.Count > 1 ? effect(old[item.Op.Results[0].Name], WithOnly(old[item.Op.Results[0].Name], item.Op, item.Operand)) : 0)
            .ThenBy(item => Rank(item.Operand.Role, after.Resources[item.Operand.Name].Shape.Rank, spread))
            .Select(item => item.Operand.Name);
    }

    /// <summary>An op before the stage with one weight of the op after it; a plane brings its zeros.</summary>
    private static Op WithOnly(Op left, Op right, Operand operand)
    {
        if (operand.Role is not ("sign" or "zeros"))
            return left.With(operand.Role, Hybrid.FromAfter(right).Get(operand.Role));
        var plane = Hybrid.FromAfter(right).Operands.Where(candidate => candidate.Role is "sign" or "zeros").ToList();
        return plane.Aggregate(left with { Operands = left.Operands.RemoveAll(candidate => candidate.Role is "sign" or "zeros") }, (op, part) => op.With(part));
    }

    private string? Counterpart(Op op, Operand operand, Dictionary<string, Op> old) =>
        old.TryGetValue(op.Results[0].Name, out var other) && other.Find(operand.Role) is { } name && before.Resources.ContainsKey(name) ? name : null;

    /// <summary>True for a weight that other ops read after the stage, in place of one that only this op read before it.</summary>
    private bool IsForeign(string name, string? old, Component component) =>
        Readers(after, name).Any(op => !component.After.Any(own => own.Results[0].Name == op.Results[0].Name && own.Operands.SequenceEqual(op.Operands)))
        && (old is null || Readers(before, old).Count() == 1);

    private static IEnumerable<Op> Readers(Module module, string name) =>
        module.Blocks.SelectMany(block => block.Body).Where(op => op.Operands.Any(operand => operand.IsResource && operand.Name == name));

    private static int Rank(string role, int rank, Spread spread)
    {
        var isShift = role is "column_shift" or "zero_shift";
        var isMatrix = rank > 1 && role != "scale";
        if (spread.IsLocal)
            return isMatrix ? 0 : role is "zeros" or "row_scale" or "row_shift" or "bias" or "scale" ? 1 : 2;
        if (spread.IsUniform)
            return isShift ? 0 : isMatrix ? 2 : 1;
        return isMatrix ? 1 : isShift ? 2 : 0;
    }
}
