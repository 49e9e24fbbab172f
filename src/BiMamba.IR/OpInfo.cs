using System.Collections.Immutable;

namespace BiMamba.IR;

/// <summary>A role of an op.</summary>
/// <param name="Name">Name of the role.</param>
/// <param name="IsResource">True where a resource stands, false where a value stands.</param>
/// <param name="IsRequired">Required roles are positional in text, the others are written <c>role = @name</c>.</param>
/// <param name="Summary">Shape and meaning.</param>
public sealed record OperandInfo(string Name, bool IsResource, bool IsRequired, string Summary);

/// <summary>An attribute of an op and its default; null where it must be given.</summary>
public sealed record OpAttribute(AttributeInfo Info, AttributeValue? Default = null);

/// <summary>One row of the op table.</summary>
/// <param name="Code">The op.</param>
/// <param name="Name">The mnemonic in text.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Formula">The mathematics, with its source where it has one.</param>
/// <param name="Levels">The levels at which the op may stand.</param>
/// <param name="Operands">Roles in order.</param>
/// <param name="Attributes">Attributes in the order in which they are printed.</param>
public sealed record OpInfo(
    OpCode Code,
    string Name,
    string Summary,
    string Formula,
    ImmutableArray<Level> Levels,
    ImmutableArray<OperandInfo> Operands,
    ImmutableArray<OpAttribute> Attributes);
