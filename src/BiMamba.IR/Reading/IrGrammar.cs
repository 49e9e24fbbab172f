using BiMamba.Text;
using Sprache;

namespace BiMamba.IR.Reading;

/// <summary>
/// The grammar of IR text: one resource or op a line, comments from <c>;</c> to the end of the line. It knows no op, no
/// attribute and no encoding by name: those are looked up in their tables by <see cref="IrBinder"/>.
/// </summary>
internal static class IrGrammar
{
    private static readonly Parser<string> Word = Lexer.KebabName.Or(Lexer.QuotedString);

    private static readonly Parser<IReadOnlyList<long>> Integers =
        from open in Lexer.Symbol("[")
        from items in Lexer.Separated(Lexer.Integer)
        from close in Lexer.Symbol("]")
        select items;

    private static readonly Parser<AttributeValue> Value =
        Lexer.Float.Select(value => (AttributeValue)new AttributeValue.Float(value))
            .Or(Lexer.Integer.Select(value => (AttributeValue)new AttributeValue.Int(value)))
            .Or(Lexer.Boolean.Select(value => (AttributeValue)new AttributeValue.Bool(value)))
            .Or(Integers.Select(values => (AttributeValue)new AttributeValue.Ints([.. values])))
            .Or(Word.Select(value => (AttributeValue)new AttributeValue.Word(value)));

    private static readonly Parser<AttributeSyntax> Attribute =
        from key in Word.Locate()
        from assign in Lexer.Symbol("=")
        from value in Value
        select new AttributeSyntax(key, value);

    private static readonly Parser<IReadOnlyList<AttributeSyntax>> Attributes = Listed("{", Attribute, "}").Or(Parse.Return<IReadOnlyList<AttributeSyntax>>([]));

    private static readonly Parser<IReadOnlyList<long>> Dims = Listed("[", Dimension(), "]");

    private static readonly Parser<TypeSyntax> Type =
        from element in Lexer.Identifier.Locate()
        from dims in Dims
        select new TypeSyntax(element, dims);

    private static readonly Parser<ResourceSyntax> Resource =
        from word in Lexer.Keyword("resource")
        from name in Lexer.SigilName('@').Locate()
        from colon in Lexer.Symbol(":")
        from type in Type
        from hash in Lexer.SigilName('#').Locate().Optional()
        from end in Lexer.LineBreak
        select new ResourceSyntax(name, type, hash.GetOrDefault());

    private static readonly Parser<OperandSyntax> Target =
        Lexer.SigilName('%').Select(name => new OperandSyntax(null, name, false))
            .Or(Lexer.SigilName('@').Select(name => new OperandSyntax(null, name, true)));

    private static readonly Parser<OperandSyntax> Operand = Target.Or(
        from role in Lexer.Identifier
        from assign in Lexer.Symbol("=")
        from target in Target
        select target with { Role = role });

    private static readonly Parser<OpSyntax> Op =
        from results in Lexer.Separated(Lexer.SigilName('%').Locate(), allowsNone: false)
        from assign in Lexer.Symbol("=")
        from mnemonic in Lexer.Identifier.Locate()
        from operands in Lexer.Separated(Operand.Locate())
        from attributes in Attributes
        from colon in Lexer.Symbol(":")
        from types in Lexer.Separated(Type, allowsNone: false)
        from end in Lexer.LineBreak
        select new OpSyntax(results, mnemonic, operands, attributes, types);

    private static readonly Parser<Located<string>> Return =
        from word in Lexer.Keyword("return")
        from value in Lexer.SigilName('%').Locate()
        from end in Lexer.LineBreak
        select value;

    private static readonly Parser<BlockSyntax> Block =
        from word in Lexer.Keyword("block")
        from name in Lexer.SigilName('@').Locate()
        from open in Lexer.Symbol("(")
        from parameter in Lexer.SigilName('%')
        from colon in Lexer.Symbol(":")
        from parameterType in Type
        from close in Lexer.Symbol(")")
        from arrow in Lexer.Symbol("->")
        from returnType in Type
        from begin in Lexer.Symbol("{")
        from beginLine in Lexer.LineBreak
        from body in Op.Many()
        from result in Return
        from end in Lexer.Symbol("}")
        from endLine in Lexer.LineBreak.Or(Lexer.End)
        select new BlockSyntax(name, parameter, parameterType, returnType, [.. body], result);

    /// <summary>A whole module.</summary>
    public static readonly Parser<ModuleSyntax> Module =
        from word in Lexer.Keyword("module")
        from name in Lexer.SigilName('@').Locate()
        from level in Lexer.Keyword("level")
        from levelName in Lexer.Identifier.Locate()
        from attributes in Attributes
        from end in Lexer.LineBreak
        from resources in Resource.Many()
        from blocks in Block.Many()
        select new ModuleSyntax(name, levelName, attributes, [.. resources], [.. blocks]);

    private static Parser<IReadOnlyList<T>> Listed<T>(string open, Parser<T> item, string close) =>
        from begin in Lexer.Symbol(open)
        from items in Lexer.Separated(item)
        from end in Lexer.Symbol(close)
        select items;

    /// <summary>A dimension: <c>T</c> or a number that is not negative.</summary>
    private static Parser<long> Dimension()
    {
        var number = Lexer.Integer;
        var tokens = Lexer.Keyword("T").Select(_ => ValueType.Tokens);
        return input =>
        {
            var result = number(input);
            if (!result.WasSuccessful)
                return tokens(input);
            return result.Value >= 0 ? result : Lexer.Fail<long>(input, input.Position, "a number from 0");
        };
    }
}
