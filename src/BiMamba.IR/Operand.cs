using BiMamba.Text;

namespace BiMamba.IR;

/// <summary>One operand of an op: the role that the op table names, and a value (<c>%name</c>) or a resource (<c>@name</c>).</summary>
/// <param name="Role">The role of the op table.</param>
/// <param name="Name">Name of the value or resource, without its sigil.</param>
/// <param name="IsResource">True for a resource.</param>
public sealed record Operand(string Role, string Name, bool IsResource)
{
    /// <summary>A value operand.</summary>
    public static Operand Value(string role, string name) => new(role, name, false);

    /// <summary>A resource operand.</summary>
    public static Operand Resource(string role, string name) => new(role, name, true);

    /// <summary>The reference as text: <c>%x</c> or <c>@w</c>.</summary>
    public override string ToString() => (IsResource ? "@" : "%") + TextEscapes.Name(Name);
}

/// <summary>A named value with its type.</summary>
/// <param name="Name">Unique inside its block, without the sigil.</param>
/// <param name="Type">Its type.</param>
public sealed record Value(string Name, ValueType Type)
{
    /// <summary>The reference as text.</summary>
    public override string ToString() => "%" + TextEscapes.Name(Name);
}
