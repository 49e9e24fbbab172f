namespace BiMamba.Formats.Spec;

/// <summary>Which functions and built-in names the expressions of a spec use.</summary>
internal static class SpecUses
{
    /// <summary>The names of functions that are called and the first words of references.</summary>
    internal static HashSet<string> Names(SpecFormat format)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var expression in Expressions(format))
            Add(expression, names);
        return names;
    }

    private static IEnumerable<SpecExpression> Expressions(SpecFormat format)
    {
        var fields = format.Records.SelectMany(record => record.Fields).ToList();
        return fields.SelectMany(field => field.Constraints).Select(constraint => constraint.Expression)
            .Concat(fields.Select(field => field.Type).Concat(format.Unions.SelectMany(union => union.Cases).Select(item => item.Type)).SelectMany(OfType))
            .Concat(format.Enums.SelectMany(item => item.Members).Select(member => member.Size).OfType<SpecExpression>());
    }

    private static IEnumerable<SpecExpression> OfType(SpecType type) => type switch
    {
        SpecType.Bytes bytes => [bytes.Length],
        SpecType.Utf8 utf8 => [utf8.Length],
        SpecType.Zero zero => [zero.Length],
        SpecType.Region region => region.Rows is { } rows ? [region.Length, rows] : [region.Length],
        SpecType.Array array => array.Count is { } count ? OfType(array.Element).Append(count) : OfType(array.Element),
        SpecType.Named named => named.Arguments,
        _ => [],
    };

    private static void Add(SpecExpression expression, HashSet<string> names)
    {
        switch (expression)
        {
            case SpecExpression.Reference reference:
                names.Add(reference.Segments[0]);
                break;
            case SpecExpression.Call call:
                names.Add(call.Function);
                foreach (var argument in call.Arguments)
                    Add(argument, names);
                break;
            case SpecExpression.Binary binary:
                Add(binary.Left, names);
                Add(binary.Right, names);
                break;
            case SpecExpression.Conditional conditional:
                Add(conditional.Condition, names);
                Add(conditional.Then, names);
                Add(conditional.Otherwise, names);
                break;
        }
    }
}
