using System.Collections.Immutable;

namespace BiMamba.Formats.Spec;

/// <summary>How an evaluation ended.</summary>
internal enum SpecOutcome
{
    /// <summary>There is a value.</summary>
    Value,

    /// <summary>Something that it names is not read yet, or was found broken.</summary>
    Unavailable,

    /// <summary>A size or an offset does not fit.</summary>
    Overflow,
}

/// <summary>Where an expression stands: the record that holds it, the value that it speaks of, and the end of its section.</summary>
internal readonly record struct SpecScope(SpecRecordNode Record, SpecNode? Self, SpecNode? Item, long Here, long End);

/// <summary>
/// Evaluates expressions over a tree: integers are <see cref="Int128"/> with checked arithmetic, truth values
/// <see cref="bool"/>, bytes <see cref="byte"/> arrays, references <see cref="SpecNode"/>.
/// </summary>
internal sealed partial class SpecEvaluator(SpecTree tree)
{
    // Products of three 64-bit numbers do not fit 128 bits; sizes beyond this are refused long before.
    private static readonly Int128 Limit = Int128.One << 100;

    private readonly Dictionary<SpecArrayNode, (int Count, Dictionary<string, SpecRecordNode> Rows)> keys = [];

    /// <summary>The value of an expression as an integer, a truth value, bytes or text.</summary>
    internal SpecOutcome Evaluate(SpecExpression expression, in SpecScope scope, out object value)
    {
        var outcome = EvaluateNode(expression, scope, out value);
        return outcome == SpecOutcome.Value && value is SpecNode node ? ValueOf(node, out value) : outcome;
    }

    /// <summary>The value of an expression that is an integer.</summary>
    internal SpecOutcome EvaluateInteger(SpecExpression expression, in SpecScope scope, out Int128 value)
    {
        var outcome = Evaluate(expression, scope, out var result);
        value = 0;
        if (outcome != SpecOutcome.Value)
            return outcome;
        value = result as Int128? ?? throw Misuse(expression, "an integer");
        return outcome;
    }

    /// <summary>The value that a reference names.</summary>
    internal SpecNode? Find(SpecExpression expression, in SpecScope scope) =>
        EvaluateNode(expression, scope, out var value) == SpecOutcome.Value ? value as SpecNode ?? throw Misuse(expression, "a field") : null;

    /// <summary>The case that a field selects for a union, or null where the field is broken.</summary>
    internal SpecCase? Select(SpecUnion union, SpecType.Named use, SpecNode parent) =>
        EvaluateInteger(use.Arguments[0], new SpecScope(parent.EnclosingRecord!, null, null, parent.Offset, parent.Offset), out var tag) == SpecOutcome.Value ? union.Find(tag) : null;

    private SpecOutcome EvaluateNode(SpecExpression expression, in SpecScope scope, out object value)
    {
        switch (expression)
        {
            case SpecExpression.Literal literal:
                value = (Int128)literal.Value;
                return SpecOutcome.Value;
            case SpecExpression.Characters characters:
                value = System.Text.Encoding.UTF8.GetBytes(characters.Value);
                return SpecOutcome.Value;
            case SpecExpression.Reference reference:
                return Resolve(reference.Segments, scope, out value);
            case SpecExpression.Call call:
                return Apply(call, scope, out value);
            case SpecExpression.Binary binary:
                return Apply(binary, scope, out value);
            case SpecExpression.Conditional conditional:
                var outcome = Evaluate(conditional.Condition, scope, out value);
                if (outcome != SpecOutcome.Value)
                    return outcome;
                return EvaluateNode(value is bool truth ? truth ? conditional.Then : conditional.Otherwise : throw Misuse(conditional.Condition, "a truth value"), scope, out value);
            default:
                throw new InvalidOperationException($"unknown expression {expression}");
        }
    }

    private SpecOutcome Resolve(ImmutableArray<string> segments, in SpecScope scope, out object value)
    {
        var outcome = ResolveName(segments[0], scope, out value);
        for (var i = 1; i < segments.Length && outcome == SpecOutcome.Value; i++)
            outcome = Member(value, segments[i], out value);
        return outcome;
    }

    private SpecOutcome ResolveName(string name, in SpecScope scope, out object value)
    {
        value = name;
        for (SpecNode? node = scope.Record; node is not null; node = node.Parent)
        {
            if (node is not SpecRecordNode record)
                continue;
            if (record.Record.IndexOf(name) is >= 0 and var index)
                return Available(record.Children[index], out value);
            if (record.Record.Parameters.IndexOf(name) is >= 0 and var parameter)
            {
                var argument = ((SpecType.Named)record.Type).Arguments[parameter];
                return EvaluateNode(argument, new SpecScope(record.Parent!.EnclosingRecord!, record, null, record.Offset, record.Offset), out value);
            }
        }

        if (tree.Format.FindConstant(name) is { } constant)
        {
            value = (Int128)constant.Value;
            return SpecOutcome.Value;
        }

        return BuiltIn(name, scope, out value);
    }

    private SpecOutcome BuiltIn(string name, in SpecScope scope, out object value)
    {
        switch (name)
        {
            case SpecFormat.RootName:
                value = tree.Root;
                return SpecOutcome.Value;
            case "here":
                value = (Int128)scope.Here;
                return SpecOutcome.Value;
            case "rest":
                value = (Int128)(scope.End - scope.Here);
                return SpecOutcome.Value;
            case "total":
                value = (Int128)(tree.Total ?? 0);
                return tree.Total is null ? SpecOutcome.Unavailable : SpecOutcome.Value;
            case "first":
                value = Element(scope).Index == 0;
                return SpecOutcome.Value;
            case "previous":
                var element = Element(scope);
                return Available(element.Index > 0 ? ((SpecArrayNode)element.Parent!).Items[element.Index - 1] : null, out value);
            case "item":
                return Available(scope.Item, out value);
            default:
                throw new InvalidOperationException($"'{name}' means nothing in {scope.Record.Record.Name}");
        }
    }

    private static SpecNode Element(in SpecScope scope)
    {
        for (SpecNode? node = scope.Record; node is not null; node = node.Parent)
        {
            if (node.Index >= 0)
                return node;
        }

        throw new InvalidOperationException($"{scope.Record.Record.Name} is no element of an array");
    }

    private static SpecOutcome Available(SpecNode? node, out object value)
    {
        value = node!;
        return node is null ? SpecOutcome.Unavailable : SpecOutcome.Value;
    }

    private static SpecOutcome Member(object owner, string name, out object value)
    {
        switch (owner)
        {
            case SpecRecordNode record when record.Record.IndexOf(name) is >= 0 and var index:
                return Available(record.Children[index], out value);
            case SpecArrayNode array when name is "first" or "last":
                return Available(array.Items.Count == 0 ? null : array.Items[name == "first" ? 0 : array.Items.Count - 1], out value);
            case SpecIntegerNode { Enum: { } words } when words.Find(name) is { } member:
                value = (Int128)member.Value;
                return SpecOutcome.Value;
            default:
                throw new InvalidOperationException($"'{name}' is no field, word or element of {(owner as SpecNode)?.Type.ToString() ?? owner}");
        }
    }

    private SpecOutcome ValueOf(SpecNode node, out object value)
    {
        value = node;
        if (node.IsInvalid || (tree.Derive is { } derive && !derive(node)))
            return SpecOutcome.Unavailable;
        value = node switch
        {
            SpecIntegerNode integer => integer.Value!.Value,
            SpecBytesNode bytes => bytes.Span.ToArray(),
            SpecTextNode text => System.Text.Encoding.UTF8.GetBytes(text.Value),
            _ => throw new InvalidOperationException($"{node.Path} of type {node.Type} has no value of its own"),
        };
        return SpecOutcome.Value;
    }
}
