namespace BiMamba.Formats.Spec;

/// <content>Functions and operators.</content>
internal sealed partial class SpecEvaluator
{
    private SpecOutcome Apply(SpecExpression.Call call, in SpecScope scope, out object value)
    {
        value = call;
        switch (call.Function)
        {
            case "align" or "ceil":
                var left = EvaluateInteger(call.Arguments[0], scope, out var number);
                var right = EvaluateInteger(call.Arguments[1], scope, out var divisor);
                if (left != SpecOutcome.Value || right != SpecOutcome.Value)
                    return left != SpecOutcome.Value ? left : right;
                if (divisor <= 0)
                    return SpecOutcome.Overflow;
                var quotient = (number + divisor - 1) / divisor;
                return Bounded(call.Function == "align" ? quotient * divisor : quotient, out value);
            case "bytes_of":
                return BytesOf(call, scope, out value);
            case "value_of":
                return ValueOfKey(call, scope, out value);
        }

        if (Find(call.Arguments[0], scope) is not { } node || (node.IsIncomplete && call.Function is "size_of" or "length" or "sha256"))
            return SpecOutcome.Unavailable;
        value = call.Function switch
        {
            "position" => (Int128)node.Offset,
            "size_of" => (Int128)node.Size,
            "length" => (Int128)(node switch
            {
                SpecTextNode text => text.Size - text.PrefixSize,
                SpecArrayNode array => array.Items.Count,
                _ => node.Size,
            }),
            "sha256" => tree.Sha256(node),
            "block_of" => (Int128)(WordOf(node)?.Block ?? 1),
            "starts_with" => StartsWith(node, call.Arguments[1]),
            _ => throw new InvalidOperationException($"unknown function {call.Function}"),
        };
        return SpecOutcome.Value;
    }

    private static bool StartsWith(SpecNode node, SpecExpression text)
    {
        var prefix = System.Text.Encoding.UTF8.GetBytes((text as SpecExpression.Characters ?? throw Misuse(text, "text in quotes")).Value);
        return node switch
        {
            SpecBytesNode bytes => bytes.Span.StartsWith(prefix),
            SpecTextNode words => System.Text.Encoding.UTF8.GetBytes(words.Value).AsSpan().StartsWith(prefix),
            _ => throw new InvalidOperationException($"{node.Path} of type {node.Type} is no text"),
        };
    }

    /// <summary>The value of the row of a key. Rows are indexed once, so that many look-ups in many rows take linear time.</summary>
    private SpecOutcome ValueOfKey(SpecExpression.Call call, in SpecScope scope, out object value)
    {
        value = call;
        if (Find(call.Arguments[0], scope) is not SpecArrayNode rows)
            return SpecOutcome.Unavailable;
        if (!keys.TryGetValue(rows, out var index) || index.Count != rows.Items.Count)
        {
            index = (rows.Items.Count, new Dictionary<string, SpecRecordNode>(StringComparer.Ordinal));
            foreach (var row in rows.Items.OfType<SpecRecordNode>())
            {
                if (row.Find("key") is SpecTextNode key)
                    index.Rows.TryAdd(key.Value, row);
            }

            keys[rows] = index;
        }

        var name = (call.Arguments[1] as SpecExpression.Characters ?? throw Misuse(call.Arguments[1], "text in quotes")).Value;
        if (!index.Rows.TryGetValue(name, out var found))
            return Evaluate(call.Arguments[2], scope, out value);
        return found.Find("value") is SpecIntegerNode integer ? ValueOf(integer, out value) : SpecOutcome.Unavailable;
    }

    private static SpecMember? WordOf(SpecNode node) => node is SpecIntegerNode { Value: { } word, Enum: { } words } ? words.Find(word) : null;

    private SpecOutcome BytesOf(SpecExpression.Call call, in SpecScope scope, out object value)
    {
        value = call;
        if (Find(call.Arguments[0], scope) is not SpecIntegerNode encoding || Find(call.Arguments[1], scope) is not SpecArrayNode dims)
            return SpecOutcome.Unavailable;
        if (encoding.IsInvalid || dims.IsInvalid || WordOf(encoding) is not { } member)
            return SpecOutcome.Unavailable;
        var extent = new Extent(1, 1, 1, member.Block);
        foreach (var item in dims.Items)
        {
            extent = extent with { Matrices = extent.Rows, Height = extent.Columns, Columns = ((SpecIntegerNode)item).Value!.Value };
            if (extent.Rows > Limit >> 64)
                return SpecOutcome.Overflow;
        }

        return Size(member.Size ?? throw new InvalidOperationException($"{member.Name} has no size"), extent, out value);
    }

    /// <summary>What the size of a word may speak of: dimensions of a stack of matrices, and the elements of a block.</summary>
    private readonly record struct Extent(Int128 Matrices, Int128 Height, Int128 Columns, long Block)
    {
        public Int128 Rows => Matrices * Height;

        public Int128 Named(string name) => name switch
        {
            "matrices" => Matrices,
            "height" => Height,
            "rows" => Rows,
            "columns" => Columns,
            "blocks" => Rows * Columns / Block,
            _ => Rows * Columns,
        };
    }

    private static SpecOutcome Size(SpecExpression expression, in Extent extent, out object value)
    {
        switch (expression)
        {
            case SpecExpression.Literal literal:
                return Bounded(literal.Value, out value);
            case SpecExpression.Reference reference:
                return Bounded(extent.Named(reference.Segments[0]), out value);
            case SpecExpression.Call call:
                _ = Size(call.Arguments[0], extent, out value);
                var number = (Int128)value;
                _ = Size(call.Arguments[1], extent, out value);
                var divisor = Int128.Max(1, (Int128)value);
                var quotient = (number + divisor - 1) / divisor;
                return Bounded(call.Function == "align" ? quotient * divisor : quotient, out value);
            case SpecExpression.Binary binary:
                var left = Size(binary.Left, extent, out value);
                var leftValue = (Int128)value;
                var right = Size(binary.Right, extent, out value);
                return left != SpecOutcome.Value || right != SpecOutcome.Value ? SpecOutcome.Overflow : Arithmetic(binary, leftValue, (Int128)value, out value);
            default:
                throw Misuse(expression, "a size");
        }
    }

    private SpecOutcome Apply(SpecExpression.Binary binary, in SpecScope scope, out object value)
    {
        var outcome = Evaluate(binary.Left, scope, out value);
        if (outcome != SpecOutcome.Value)
            return outcome;
        var left = value;
        // The right side of a decided && or || is not looked at: it may speak of what is not there.
        if (left is bool truth && ((binary.Operator == "&&" && !truth) || (binary.Operator == "||" && truth)))
            return SpecOutcome.Value;
        outcome = Evaluate(binary.Right, scope, out value);
        if (outcome != SpecOutcome.Value)
            return outcome;
        switch (binary.Operator)
        {
            case "&&" or "||":
                return SpecOutcome.Value;
            case "==" or "!=":
                value = AreEqual(left, value) == (binary.Operator == "==");
                return SpecOutcome.Value;
        }

        return left is Int128 leftNumber && value is Int128 rightNumber ? Arithmetic(binary, leftNumber, rightNumber, out value) : throw Misuse(binary, "integers");
    }

    private static SpecOutcome Arithmetic(SpecExpression.Binary binary, Int128 left, Int128 right, out object value)
    {
        switch (binary.Operator)
        {
            case "<" or "<=" or ">" or ">=" or "==" or "!=":
                var order = left.CompareTo(right);
                value = binary.Operator switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, ">=" => order >= 0, "==" => order == 0, _ => order != 0 };
                return SpecOutcome.Value;
            case "+":
                return Bounded(left + right, out value);
            case "-":
                return Bounded(left - right, out value);
            case "*":
                value = left;
                return left != 0 && Int128.Abs(right) > Limit / Int128.Abs(left) ? SpecOutcome.Overflow : Bounded(left * right, out value);
            case "/" or "%":
                value = left;
                return right == 0 ? SpecOutcome.Overflow : Bounded(binary.Operator == "/" ? left / right : left % right, out value);
            default:
                throw Misuse(binary, "an operator");
        }
    }

    private static SpecOutcome Bounded(Int128 number, out object value)
    {
        value = number;
        return Int128.Abs(number) > Limit ? SpecOutcome.Overflow : SpecOutcome.Value;
    }

    /// <summary>True where both are the same integer, truth value, text or bytes.</summary>
    internal static bool AreEqual(object left, object right) =>
        left is byte[] leftBytes && right is byte[] rightBytes ? leftBytes.AsSpan().SequenceEqual(rightBytes) : left.Equals(right);

    private static InvalidOperationException Misuse(SpecExpression expression, string expected) => new($"'{expression}' is not {expected}");
}
