using BiMamba.Text;

namespace BiMamba.IR.Reading;

/// <summary>The text of a module as it stands, before names are looked up.</summary>
internal sealed record ModuleSyntax(
    Located<string> Name, Located<string> Level, IReadOnlyList<AttributeSyntax> Attributes, IReadOnlyList<ResourceSyntax> Resources, IReadOnlyList<BlockSyntax> Blocks);

/// <summary><c>key = value</c>.</summary>
internal sealed record AttributeSyntax(Located<string> Key, AttributeValue Value);

/// <summary><c>resource @name : f32[2,3] #0a1b2c</c>.</summary>
internal sealed record ResourceSyntax(Located<string> Name, TypeSyntax Type, Located<string>? Hash);

/// <summary><c>f32[T,192]</c>; <see cref="ValueType.Tokens"/> stands for <c>T</c>.</summary>
internal sealed record TypeSyntax(Located<string> Element, IReadOnlyList<long> Dims);

/// <summary><c>block @name (%x : type) -> type { ops; return %y }</c>.</summary>
internal sealed record BlockSyntax(
    Located<string> Name, string Parameter, TypeSyntax ParameterType, TypeSyntax ReturnType, IReadOnlyList<OpSyntax> Body, Located<string> Return);

/// <summary><c>%a, %b = mnemonic operands {attributes} : types</c>.</summary>
internal sealed record OpSyntax(
    IReadOnlyList<Located<string>> Results, Located<string> Mnemonic, IReadOnlyList<Located<OperandSyntax>> Operands, IReadOnlyList<AttributeSyntax> Attributes, IReadOnlyList<TypeSyntax> Types);

/// <summary><c>%x</c>, <c>@w</c> or <c>role = @w</c>.</summary>
internal sealed record OperandSyntax(string? Role, string Name, bool IsResource);
