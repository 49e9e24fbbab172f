using BiMamba.IR;

namespace BiMamba.Bisection.Comparing;

/// <summary>Says which ops a stage left as they were: the same computation on the same values and the same weights, whatever these are called.</summary>
/// <param name="before">The module before the stage.</param>
/// <param name="after">The module after it.</param>
internal sealed class OpIdentity(Module before, Module after)
{
    /// <summary>True for two ops that differ at most in the weights that they name. A list of zeros is part of its plane.</summary>
    public static bool IsSameForm(Op left, Op right) =>
        left.Code == right.Code
        && left.Results.SequenceEqual(right.Results)
        && left.Info.Attributes.All(attribute => left.Attributes[attribute.Info.Name].Equals(right.Attributes[attribute.Info.Name]))
        && left.Operands.Where(IsForm).Select(Form).SequenceEqual(right.Operands.Where(IsForm).Select(Form));

    /// <summary>
    /// True for two ops without weights that compute the same names from the same values, whatever their attributes say:
    /// no factor can have moved into or out of them.
    /// </summary>
    public static bool IsSelfContained(Op left, Op right) =>
        left.Code == right.Code
        && left.Operands.SequenceEqual(right.Operands)
        && !left.Operands.Any(operand => operand.IsResource)
        && left.Results.Select(value => value.Name).Order(StringComparer.Ordinal).SequenceEqual(right.Results.Select(value => value.Name).Order(StringComparer.Ordinal));

    /// <summary>True for an op of the module before and one of the module after that are the same.</summary>
    public bool IsSame(Op left, Op right) =>
        IsSameForm(left, right)
        && left.Operands.Length == right.Operands.Length
        && left.Operands.Zip(right.Operands).All(pair => !pair.First.IsResource || IsSameWeight(pair.First.Name, pair.Second.Name));

    /// <summary>True for a weight of the module before and one of the module after with the same elements in the same encoding.</summary>
    public bool IsSameWeight(string left, string right)
    {
        var (first, second) = (before.Resources[left], after.Resources[right]);
        return ReferenceEquals(first, second)
            || (first.TypeText == second.TypeText && (first.Data.IsSameStorage(second.Data) || first.Sha256 == second.Sha256));
    }

    private static bool IsForm(Operand operand) => operand.Role != "zeros";

    private static (string Role, string? Value) Form(Operand operand) => (operand.Role, operand.IsResource ? null : operand.Name);
}
