using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <summary>One thing that a file can get wrong.</summary>
/// <param name="Name">Record, field and what it demands.</param>
/// <param name="Row">The diagnostic.</param>
/// <param name="Record">The record that holds the field.</param>
/// <param name="Field">The field, or null for a rule of the whole file.</param>
/// <param name="Constraint">The written constraint, or null where the type implies the rule.</param>
public sealed record SpecRule(string Name, DiagnosticDescriptor Row, SpecRecord Record, SpecField? Field, SpecConstraint? Constraint);

/// <summary>Lists every rule of a spec: the written constraints and those that types imply.</summary>
public static class SpecRules
{
    /// <summary>The rules in written order.</summary>
    public static IEnumerable<SpecRule> Of(SpecFormat format)
    {
        foreach (var record in format.Records)
        {
            foreach (var field in record.Fields)
            {
                foreach (var rule in Implied(format, field))
                    yield return new SpecRule($"{record.Name}.{field.Name} {rule.Text}", rule.Row, record, field, null);
                foreach (var constraint in field.Constraints)
                    yield return new SpecRule($"{record.Name}.{field.Name} {constraint}", SpecClasses.RowOf(constraint), record, field, constraint);
            }
        }

        yield return new SpecRule("file ends with its last field", BimbDiagnostics.TrailingBytes, format.Root, null, null);
        yield return new SpecRule("every field lies inside its section", BimbDiagnostics.Truncated, format.Root, null, null);
    }

    private static IEnumerable<(string Text, DiagnosticDescriptor Row)> Implied(SpecFormat format, SpecField field)
    {
        if (field.Section is not null)
        {
            yield return ($"in {field.Section}: SHA-256", BimbDiagnostics.SectionHash);
            yield return ($"in {field.Section}: size", BimbDiagnostics.TrailingBytes);
        }

        switch (field.Type)
        {
            case SpecType.Text or SpecType.Utf8:
                yield return ("is UTF-8", BimbDiagnostics.NotUtf8);
                break;
            case SpecType.Zero:
                yield return ("is zero", BimbDiagnostics.Padding);
                break;
            case SpecType.Region:
                yield return ("has zero between its pieces", BimbDiagnostics.Padding);
                yield return ("has the SHA-256 of its pieces", BimbDiagnostics.TensorHash);
                break;
            case SpecType.Named named when format.FindEnum(named.Name) is { } words:
                yield return ($"is a word of {words.Name}", SpecClasses.RowOfUnknown(words.Class));
                break;
            case SpecType.Named named when format.FindUnion(named.Name) is { } union:
                yield return ($"is a tag of {union.Name}", SpecClasses.RowOfUnknown(union.Class));
                break;
        }
    }
}
