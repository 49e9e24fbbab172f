using System.Collections.Immutable;

namespace BiMamba.IR;

/// <summary>One operation of a block. Immutable; passes make changed copies.</summary>
/// <param name="Code">What it computes.</param>
/// <param name="Results">Values that it defines.</param>
/// <param name="Operands">Operands in the order of the op table.</param>
/// <param name="Attributes">Attributes by name; every attribute of the op table is present.</param>
public sealed record Op(
    OpCode Code,
    ImmutableArray<Value> Results,
    ImmutableArray<Operand> Operands,
    ImmutableDictionary<string, AttributeValue> Attributes)
{
    /// <summary>The row of the op table.</summary>
    public OpInfo Info => Ops.All[(int)Code];

    /// <summary>The only result.</summary>
    public Value Result => Results.Single();

    /// <summary>The name in a role, or null where an optional operand is absent.</summary>
    public string? Find(string role)
    {
        foreach (var operand in Operands)
        {
            if (operand.Role == role)
                return operand.Name;
        }

        return null;
    }

    /// <summary>The name in a required role.</summary>
    public string Get(string role) => Find(role) ?? throw new InvalidOperationException($"{Info.Name} has no operand '{role}'");

    /// <summary>An integer attribute.</summary>
    public int Int(AttributeInfo key) => checked((int)((AttributeValue.Int)Attributes[key.Name]).Value);

    /// <summary>A floating-point attribute.</summary>
    public double Float(AttributeInfo key) => ((AttributeValue.Float)Attributes[key.Name]).Value;

    /// <summary>A truth attribute.</summary>
    public bool Bool(AttributeInfo key) => ((AttributeValue.Bool)Attributes[key.Name]).Value;

    /// <summary>A word attribute.</summary>
    public string Word(AttributeInfo key) => ((AttributeValue.Word)Attributes[key.Name]).Value;

    /// <summary>A list attribute.</summary>
    public ImmutableArray<long> Ints(AttributeInfo key) => ((AttributeValue.Ints)Attributes[key.Name]).Values;

    /// <summary>A copy with one attribute set.</summary>
    public Op With(AttributeInfo key, AttributeValue value) => this with { Attributes = Attributes.SetItem(key.Name, value) };

    /// <summary>A copy in which one role names another value or resource.</summary>
    public Op With(string role, string name) => this with
    {
        Operands = [.. Operands.Select(operand => operand.Role == role ? operand with { Name = name } : operand)],
    };

    /// <summary>A copy without the operand of an optional role.</summary>
    public Op Without(string role) => this with { Operands = Operands.RemoveAll(operand => operand.Role == role) };

    /// <summary>A copy with one more operand, at its place in the order of the op table.</summary>
    public Op With(Operand operand)
    {
        var all = Operands.Add(operand);
        return this with { Operands = [.. Info.Operands.SelectMany(role => all.Where(candidate => candidate.Role == role.Name))] };
    }
}
