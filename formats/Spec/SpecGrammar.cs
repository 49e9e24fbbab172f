using System.Collections.Immutable;
using BiMamba.Text;
using Sprache;

namespace BiMamba.Formats.Spec;

/// <summary>
/// The grammar of the spec language: one declaration, member, field or case a line; its sentence in quotes may go on in
/// lines of its own. Comments run from <c>;</c> to the end of the line.
/// </summary>
/// <remarks>Parsers give classes, not structs: the runtime compiles each combinator once for all classes.</remarks>
internal static class SpecGrammar
{
    // The first sentence stands in the line that it describes, so that a line which lacks it is the one to blame.
    private static readonly Parser<string> Doc =
        from first in Lexer.QuotedString
        from more in (from end in Lexer.LineBreak from text in Lexer.QuotedString select text).Many()
        select string.Join(' ', [first, .. more]);

    private static readonly Parser<SpecExpression> Expression = Lexer.Nested(() => Conditional!);

    private static readonly Parser<SpecExpression.Reference> Reference =
        from first in Lexer.Identifier.Locate()
        from more in (from dot in Lexer.Symbol(".") from name in Lexer.Identifier select name).Many()
        select new SpecExpression.Reference([first.Value, .. more], first.Position);

    private static readonly Parser<IReadOnlyList<SpecExpression>> Arguments =
        from open in Lexer.Symbol("(")
        from arguments in Lexer.Separated(Expression)
        from close in Lexer.Symbol(")")
        select arguments;

    private static readonly Parser<IReadOnlyList<SpecExpression>?> NoArguments = Parse.Return<IReadOnlyList<SpecExpression>?>(null);

    private static readonly Parser<SpecExpression> ReferenceOrCall =
        from reference in Reference
        from arguments in reference.Segments.Length == 1 ? Arguments.Or(NoArguments) : NoArguments
        select arguments is null
            ? (SpecExpression)reference
            : new SpecExpression.Call(reference.Segments[0], [.. arguments], reference.Position);

    private static readonly Parser<SpecExpression> Primary =
        ReferenceOrCall
            .Or(Lexer.Integer.Locate().Select(value => (SpecExpression)new SpecExpression.Literal(value.Value, value.Position)))
            .Or(Lexer.QuotedString.Locate().Select(value => (SpecExpression)new SpecExpression.Characters(value.Value, value.Position)))
            .Or(from open in Lexer.Symbol("(")
                from inner in Expression
                from close in Lexer.Symbol(")")
                select inner);

    private static readonly Parser<SpecExpression> Operators = SpecOperators.Rows.Reverse().Aggregate(Primary, Row);

    private static readonly Parser<SpecExpression> Conditional =
        from condition in Operators
        from branches in (from question in Lexer.Symbol("?")
                          from then in Expression
                          from colon in Lexer.Symbol(":")
                          from otherwise in Expression
                          select new[] { then, otherwise }).Or(Parse.Return(System.Array.Empty<SpecExpression>()))
        select branches.Length == 0 ? condition : new SpecExpression.Conditional(condition, branches[0], branches[1]);

    private static readonly Parser<SpecExpression> Bracketed =
        from open in Lexer.Symbol("[")
        from inner in Expression
        from close in Lexer.Symbol("]")
        select inner;

    private static readonly Parser<SpecType> Region =
        from word in Lexer.Keyword("region")
        from length in Bracketed
        from rows in (from of in Lexer.Keyword("of") from reference in Reference select (SpecExpression.Reference?)reference).Or(Parse.Return<SpecExpression.Reference?>(null))
        select (SpecType)new SpecType.Region(length, rows);

    private static readonly Parser<SpecType> Ranged =
        from word in Lexer.OneOf("bytes", "utf8", "zero")
        from length in Bracketed
        select word switch
        {
            "bytes" => new SpecType.Bytes(length),
            "utf8" => new SpecType.Utf8(length),
            _ => (SpecType)new SpecType.Zero(length),
        };

    private static readonly ImmutableArray<string> RangeWords = ["bytes", "utf8", "zero", "region"];

    private static readonly Parser<SpecType> Plain =
        from name in Lexer.Identifier.Locate().Where(word => !RangeWords.Contains(word.Value))
        from arguments in Arguments.Or(NoArguments)
        let element = (arguments is null ? SpecTypes.Find(name.Value) : null) ?? new SpecType.Named(name.Value, [.. arguments ?? []], name.Position)
        from count in Bracketed.Optional()
        select count.IsDefined ? ArrayOf(element, count.Get()) : element;

    private static readonly Parser<SpecType> Type = Region.Or(Ranged).Or(Plain);

    private static readonly Parser<string?> Class =
        (from word in Lexer.Keyword("else")
         from name in Lexer.OneOf([.. SpecClasses.All.Select(row => row.Name)])
         select (string?)name).Or(Parse.Return<string?>(null));

    private static readonly Parser<SpecConstraint> Constraint =
        Written("=", SpecConstraintKind.Equal)
            .Or(Written("where", SpecConstraintKind.Where))
            .Or(Written("each", SpecConstraintKind.Each))
            .Or(ByKey("sorted", SpecConstraintKind.Sorted))
            .Or(ByKey("unique", SpecConstraintKind.Unique));

    private static readonly Parser<SpecField> Field =
        from name in Lexer.Identifier.Locate()
        from colon in Lexer.Symbol(":")
        from type in Type
        from section in (from word in Lexer.Keyword("in") from reference in Reference select (SpecExpression.Reference?)reference).Or(Parse.Return<SpecExpression.Reference?>(null))
        from constraints in Constraint.Many()
        from doc in Doc
        select new SpecField(name.Value, type, section, [.. constraints], doc, name.Position);

    private static readonly Parser<SpecMember> Member =
        from name in Lexer.Identifier.Locate()
        from assign in Lexer.Symbol("=")
        from value in Lexer.Integer
        from block in (from word in Lexer.Keyword("block") from elements in Lexer.Integer select elements).Optional()
        from size in (from word in Lexer.Keyword("size") from expression in Expression select (SpecExpression?)expression).Or(Parse.Return<SpecExpression?>(null))
        from doc in Doc
        select new SpecMember(name.Value, value, block.IsDefined ? block.Get() : 1, size, doc, name.Position);

    private static readonly Parser<SpecCase> Case =
        from name in Lexer.Identifier.Locate()
        from assign in Lexer.Symbol("=")
        from tag in Lexer.Integer
        from colon in Lexer.Symbol(":")
        from type in Type
        from doc in Doc
        select new SpecCase(name.Value, tag, type, doc, name.Position);

    private static readonly Parser<SpecCase> CaseOfWord =
        from name in Lexer.Identifier.Locate()
        from colon in Lexer.Symbol(":")
        from type in Type
        from doc in Doc
        select new SpecCase(name.Value, -1, type, doc, name.Position);

    private static readonly Parser<SpecType.Integer> Storage =
        from colon in Lexer.Symbol(":")
        from name in Lexer.OneOf([.. SpecTypes.Integers.Where(type => !type.IsSigned).Select(type => type.Name)])
        select (SpecType.Integer)SpecTypes.Find(name)!;

    private static readonly Parser<object> Declaration =
        (from word in Lexer.Keyword("const")
         from name in Lexer.Identifier.Locate()
         from assign in Lexer.Symbol("=")
         from value in Lexer.Integer
         from doc in Doc
         select (object)new SpecConstant(name.Value, value, doc, name.Position))
        .Or(from word in Lexer.Keyword("enum")
            from name in Lexer.Identifier.Locate()
            from storage in Storage
            from className in Class
            from doc in Doc
            from members in Body(Member)
            select (object)new SpecEnum(name.Value, storage, className, doc, [.. members], name.Position))
        .Or(from word in Lexer.Keyword("record")
            from name in Lexer.Identifier.Locate()
            from parameters in Parameters
            from nested in (from limit in Lexer.Keyword("nested") from depth in Lexer.Integer select depth).Optional()
            from doc in Doc
            from fields in Body(Field)
            select (object)new SpecRecord(name.Value, [.. parameters], nested.GetOrElse(0), doc, [.. fields], name.Position))
        .Or(from word in Lexer.Keyword("union")
            from name in Lexer.Identifier.Locate()
            from union in StoredUnion(name).Or(UnionOfWords(name))
            select (object)union);

    /// <summary>A whole spec.</summary>
    internal static readonly Parser<SpecFormat> Format =
        from word in Lexer.Keyword("format")
        from name in Lexer.Identifier
        from versionWord in Lexer.Keyword("version")
        from version in Lexer.Integer
        from order in Lexer.Keyword("little-endian")
        from doc in Doc
        from declarations in (from line in Lexer.LineBreak from declaration in Declaration select declaration).Many()
        from last in Lexer.LineBreak.Optional()
        from end in Lexer.End
        select new SpecFormat(
            name, version, doc,
            declarations.OfType<SpecConstant>(), declarations.OfType<SpecEnum>(), declarations.OfType<SpecRecord>(), declarations.OfType<SpecUnion>());

    private static Parser<IReadOnlyList<string>> Parameters =>
        (from open in Lexer.Symbol("(")
         from names in Lexer.Separated(Lexer.Identifier)
         from close in Lexer.Symbol(")")
         select names).Or(Parse.Return<IReadOnlyList<string>>([]));

    private static Parser<SpecExpression> Row(Parser<SpecExpression> operand, ImmutableArray<string> symbols)
    {
        var symbol = symbols.Select(Lexer.Symbol).Aggregate((left, right) => left.Or(right));
        return Parse.ChainOperator(symbol, operand, (op, left, right) => new SpecExpression.Binary(op, left, right));
    }

    private static Parser<SpecUnion> StoredUnion(Located<string> name) =>
        from storage in Storage
        from className in Class
        from doc in Doc
        from cases in Body(Case)
        select new SpecUnion(name.Value, storage, null, className, doc, [.. cases], name.Position);

    private static Parser<SpecUnion> UnionOfWords(Located<string> name) =>
        from word in Lexer.Keyword("by")
        from words in Lexer.Identifier
        from doc in Doc
        from cases in Body(CaseOfWord)
        select new SpecUnion(name.Value, null, words, null, doc, [.. cases], name.Position);

    private static Parser<SpecConstraint> ByKey(string word, SpecConstraintKind kind) =>
        from start in Lexer.Keyword(word)
        from byWord in Lexer.Keyword("by")
        from key in Reference
        from name in Class
        select new SpecConstraint(kind, key, name);

    private static Parser<SpecConstraint> Written(string word, SpecConstraintKind kind) =>
        from start in char.IsAsciiLetter(word[0]) ? Lexer.Keyword(word) : Lexer.Symbol(word)
        from expression in Expression
        from name in Class
        select new SpecConstraint(kind, expression, name);

    private static Parser<IEnumerable<T>> Body<T>(Parser<T> line) =>
        from open in Lexer.Symbol("{")
        from firstBreak in Lexer.LineBreak
        from lines in (from item in line from end in Lexer.LineBreak select item).Many()
        from close in Lexer.Symbol("}")
        select lines;

    private static SpecType.Array ArrayOf(SpecType element, SpecExpression count) =>
        count is SpecExpression.Reference { Segments: [var name] } && SpecTypes.Find(name) is SpecType.Integer { IsSigned: false } prefix
            ? new SpecType.Array(element, null, prefix)
            : new SpecType.Array(element, count, null);
}
