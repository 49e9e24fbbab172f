using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Text;

namespace BiMamba.Formats.Spec;

/// <summary>An expression over integers, truth values, bytes and references to fields. Its text form is its source.</summary>
public abstract record SpecExpression
{
    /// <summary>The position of its first operand in the spec text.</summary>
    public int Start => this switch
    {
        Literal literal => literal.Position,
        Characters characters => characters.Position,
        Reference reference => reference.Position,
        Call call => call.Position,
        Binary binary => binary.Left.Start,
        Conditional conditional => conditional.Condition.Start,
        _ => throw new InvalidOperationException($"unknown expression {this}"),
    };

    /// <summary>It and all expressions in it, in the order of the text, each before its parts.</summary>
    internal IEnumerable<SpecExpression> All => Parts.SelectMany(part => part.All).Prepend(this);

    private ImmutableArray<SpecExpression> Parts => this switch
    {
        Call call => call.Arguments,
        Binary binary => [binary.Left, binary.Right],
        Conditional conditional => [conditional.Condition, conditional.Then, conditional.Otherwise],
        _ => [],
    };

    /// <summary>An integer.</summary>
    public sealed record Literal(long Value, int Position) : SpecExpression
    {
        /// <inheritdoc/>
        public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Bytes written as text.</summary>
    public sealed record Characters(string Value, int Position) : SpecExpression
    {
        /// <inheritdoc/>
        public override string ToString() => TextEscapes.Quote(Value);
    }

    /// <summary>A constant, a built-in name or a field, reached through enclosing records: <c>file.table.count</c>.</summary>
    public sealed record Reference(ImmutableArray<string> Segments, int Position) : SpecExpression
    {
        /// <inheritdoc/>
        public override string ToString() => string.Join('.', Segments);
    }

    /// <summary>A built-in function.</summary>
    public sealed record Call(string Function, ImmutableArray<SpecExpression> Arguments, int Position) : SpecExpression
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Function}({string.Join(", ", Arguments)})";
    }

    /// <summary>Two operands.</summary>
    public sealed record Binary(string Operator, SpecExpression Left, SpecExpression Right) : SpecExpression
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Inner(Left, false)} {Operator} {Inner(Right, true)}";

        private string Inner(SpecExpression operand, bool isRight) => operand switch
        {
            Conditional => $"({operand})",
            Binary inner when SpecOperators.Precedence(inner.Operator) < SpecOperators.Precedence(Operator)
                || (isRight && SpecOperators.Precedence(inner.Operator) == SpecOperators.Precedence(Operator)) => $"({operand})",
            _ => operand.ToString()!,
        };
    }

    /// <summary><c>condition ? then : otherwise</c>.</summary>
    public sealed record Conditional(SpecExpression Condition, SpecExpression Then, SpecExpression Otherwise) : SpecExpression
    {
        /// <inheritdoc/>
        public override string ToString() => $"{(Condition is Conditional ? $"({Condition})" : Condition)} ? {Then} : {Otherwise}";
    }
}
