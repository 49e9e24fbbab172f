namespace BiMamba.Formats.Spec;

/// <summary>What a type alone says of the bytes of its values.</summary>
internal static class SpecSizes
{
    /// <summary>The least bytes of a value of a type.</summary>
    internal static long Least(SpecFormat format, SpecType type) => Least(format, type, []);

    /// <summary>Bytes of every value of a type, or null where they vary.</summary>
    internal static long? Fixed(SpecFormat format, SpecType type) => type switch
    {
        SpecType.Integer integer => integer.Size,
        SpecType.Floating floating => floating.Size,
        SpecType.Bytes { Length: SpecExpression.Literal length } => length.Value,
        SpecType.Named named when format.FindEnum(named.Name) is { } item => item.Storage.Size,
        SpecType.Named named when format.FindRecord(named.Name) is { } record =>
            record.Fields.Aggregate((long?)0, (sum, field) => sum + Fixed(format, field.Type)),
        _ => null,
    };

    private static long Least(SpecFormat format, SpecType type, HashSet<string> open)
    {
        switch (type)
        {
            case SpecType.Integer integer:
                return integer.Size;
            case SpecType.Floating floating:
                return floating.Size;
            case SpecType.Text text:
                return text.Prefix.Size;
            case SpecType.Bytes { Length: SpecExpression.Literal length }:
                return length.Value;
            case SpecType.Array array:
                return array.Prefix?.Size ?? 0;
            case SpecType.Named named when format.FindEnum(named.Name) is { } item:
                return item.Storage.Size;
            // A type inside itself adds nothing to the least.
            case SpecType.Named named when open.Add(named.Name):
                var least = format.FindRecord(named.Name)?.Fields.Sum(field => Least(format, field.Type, open)) ?? LeastOfCases(format, format.FindUnion(named.Name)!, open);
                open.Remove(named.Name);
                return least;
            default:
                return 0;
        }
    }

    private static long LeastOfCases(SpecFormat format, SpecUnion union, HashSet<string> open) =>
        union.Storage?.Size ?? union.Cases.Select(item => Least(format, item.Type, open)).DefaultIfEmpty(0).Min();
}
