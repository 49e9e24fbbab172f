namespace BiMamba.Formats.Spec;

/// <summary>Which functions and built-in names the expressions of a spec use.</summary>
internal static class SpecUses
{
    /// <summary>The names of functions that are called and the first words of references.</summary>
    internal static HashSet<string> Names(SpecFormat format)
    {
        return Expressions(format).SelectMany(expression => expression.All).Select(part => part switch
        {
            SpecExpression.Call call => call.Function,
            SpecExpression.Reference reference => reference.Segments[0],
            _ => null,
        }).OfType<string>().ToHashSet(StringComparer.Ordinal);
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
}
