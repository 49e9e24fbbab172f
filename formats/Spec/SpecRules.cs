using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <summary>One thing that a file can get wrong.</summary>
/// <param name="Name">Record, field and what it demands.</param>
/// <param name="Row">The diagnostic.</param>
public sealed record SpecRule(string Name, DiagnosticDescriptor Row);

/// <summary>Lists every rule of a spec: the written constraints and those that types imply.</summary>
public static class SpecRules
{
    /// <summary>The rules in written order.</summary>
    public static IEnumerable<SpecRule> Of(SpecFormat format)
    {
        foreach (var record in format.Records)
        {
            if (record.Nested > 0)
                yield return new SpecRule($"{record.Name} nested {record.Nested}", BimbDiagnostics.Constraint);
            foreach (var field in record.Fields)
            {
                foreach (var (text, row) in OfSection(format, field).Concat(OfType(format, field.Type)))
                    yield return new SpecRule($"{record.Name}.{field.Name} {text}", row);
                foreach (var constraint in field.Constraints)
                    yield return new SpecRule($"{record.Name}.{field.Name} {constraint}", SpecClasses.RowOf(constraint));
            }
        }

        foreach (var union in format.Unions)
        {
            foreach (var item in union.Cases)
            {
                foreach (var (text, row) in OfType(format, item.Type))
                    yield return new SpecRule($"{union.Name}.{item.Name} {text}", row);
            }
        }

        if (format.Root.Fields is not [.., var last] || !TakesTheRest(format, last.Type))
            yield return new SpecRule("the file ends with its last field", BimbDiagnostics.TrailingBytes);
        yield return new SpecRule("every field lies inside its section", BimbDiagnostics.Truncated);
    }

    private static IEnumerable<(string Text, DiagnosticDescriptor Row)> OfSection(SpecFormat format, SpecField field)
    {
        if (field.Section is null)
            yield break;
        yield return ($"has the SHA-256 of {field.Section}", BimbDiagnostics.SectionHash);
        if (!TakesTheRest(format, field.Type))
            yield return ($"fills {field.Section}", BimbDiagnostics.TrailingBytes);
    }

    private static IEnumerable<(string Text, DiagnosticDescriptor Row)> OfType(SpecFormat format, SpecType type)
    {
        switch (type)
        {
            case SpecType.Text or SpecType.Utf8:
                yield return ("is UTF-8", BimbDiagnostics.NotUtf8);
                break;
            case SpecType.Zero:
                yield return ("is zero", BimbDiagnostics.Padding);
                break;
            case SpecType.Region { Rows: not null }:
                yield return ("has zeros between its pieces", BimbDiagnostics.Padding);
                yield return ("has the SHA-256 of its pieces", BimbDiagnostics.TensorHash);
                break;
            case SpecType.Named named when format.FindEnum(named.Name) is { } words:
                yield return ($"is a word of {words.Name}", SpecClasses.RowOfUnknown(words.Class));
                break;
            case SpecType.Named named when format.FindUnion(named.Name) is { By: null } union:
                yield return ($"has a tag of {union.Name}", SpecClasses.RowOfUnknown(union.Class));
                break;
        }
    }

    private static bool TakesTheRest(SpecFormat format, SpecType type) => type switch
    {
        SpecType.Bytes bytes => bytes.Length.ToString() == "rest",
        SpecType.Utf8 utf8 => utf8.Length.ToString() == "rest",
        SpecType.Region region => region.Length.ToString() == "rest",
        SpecType.Named named when format.FindRecord(named.Name) is { Fields: [.., var last] } => TakesTheRest(format, last.Type),
        _ => false,
    };
}
