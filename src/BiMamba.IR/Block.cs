using System.Collections.Immutable;

namespace BiMamba.IR;

/// <summary>One step of a model: a parameter, ops in order, and the value that it returns.</summary>
/// <param name="Name">Unique in its module, without the sigil: <c>embed</c>, <c>layers.0</c>, <c>head</c>.</param>
/// <param name="Parameter">The result of the block before, or the token ids.</param>
/// <param name="Body">Ops in order of execution.</param>
/// <param name="Return">Name of the value that is returned.</param>
public sealed record Block(string Name, Value Parameter, ImmutableArray<Op> Body, string Return)
{
    /// <summary>The value of a name that the parameter or an op defines, or null.</summary>
    public Value? Find(string name) =>
        Parameter.Name == name ? Parameter : Body.SelectMany(op => op.Results).FirstOrDefault(value => value.Name == name);

    /// <summary>The type of the returned value.</summary>
    public ValueType ReturnType => Find(Return)?.Type ?? throw new InvalidOperationException($"@{Name} returns the unknown value %{Return}");

    /// <summary>How often a value is read, the return included.</summary>
    public int Uses(string name) =>
        Body.Sum(op => op.Operands.Count(operand => !operand.IsResource && operand.Name == name)) + (Return == name ? 1 : 0);
}
