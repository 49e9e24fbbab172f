using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <content>Fields, their types and their expressions.</content>
internal sealed partial class SpecChecker
{
    private void CheckField(SpecRecord record, SpecField field)
    {
        CheckType(record, field.Type, field.Position);
        if (field.Type is SpecType.Region && (record.Name != SpecFormat.RootName || record.Fields[^1] != field))
            Report(BimbDiagnostics.SpecMisuse, field.Position, $"expected a region as the last field of {SpecFormat.RootName}, found it elsewhere");
        if (field.Section is { } section)
            CheckExpression(record, section);
        foreach (var constraint in field.Constraints)
        {
            if (constraint.Kind is SpecConstraintKind.Sorted or SpecConstraintKind.Unique)
            {
                var key = constraint.Expression.ToString()!;
                if (field.Type is not SpecType.Array { Element: SpecType.Named element } || format.FindRecord(element.Name)?.IndexOf(key) is null or < 0)
                    Report(BimbDiagnostics.SpecMisuse, field.Position, $"expected an array of records with a field '{key}', found {field.Type}");
                continue;
            }

            if (constraint.Kind == SpecConstraintKind.Each && field.Type is not SpecType.Array)
                Report(BimbDiagnostics.SpecMisuse, field.Position, $"expected an array for 'each', found {field.Type}");
            CheckExpression(record, constraint.Expression);
        }

        if (field.Derivation is not null && field.Type is not (SpecType.Integer or SpecType.Bytes))
            Report(BimbDiagnostics.SpecMisuse, field.Position, $"expected an integer or bytes for '=', found {field.Type}");
    }

    private void CheckType(SpecRecord record, SpecType type, int position)
    {
        switch (type)
        {
            case SpecType.Bytes bytes:
                CheckExpression(record, bytes.Length);
                break;
            case SpecType.Utf8 utf8:
                CheckExpression(record, utf8.Length);
                break;
            case SpecType.Zero zero:
                CheckExpression(record, zero.Length);
                break;
            case SpecType.Region region:
                CheckExpression(record, region.Length);
                if (region.Rows is { } rows)
                    CheckExpression(record, rows);
                break;
            case SpecType.Array array:
                if (array.Count is { } count)
                    CheckExpression(record, count);
                CheckType(record, array.Element, position);
                CheckElement(array, position);
                break;
            case SpecType.Named { Definition: SpecUnion { By: { } by } } named:
                if (named.Arguments is not [SpecExpression.Reference { Segments: [var tag] }] || record.IndexOf(tag) is not (>= 0 and var index)
                    || record.Fields[index].Type is not SpecType.Named word || word.Name != by)
                {
                    Report(BimbDiagnostics.SpecMisuse, named.Position, $"expected {named.Name}(field), where the field of the same record is a word of {by}, found {named}");
                }

                break;
            case SpecType.Named named:
                foreach (var argument in named.Arguments)
                    CheckExpression(record, argument);
                break;
        }
    }

    private void CheckElement(SpecType.Array array, int position)
    {
        array.LeastElement = SpecSizes.Least(format, array.Element);
        if (array.LeastElement == 0)
            Report(BimbDiagnostics.SpecMisuse, position, $"expected elements of at least one byte, found {array.Element}");
    }

    private void CheckExpression(SpecRecord record, SpecExpression expression)
    {
        foreach (var part in expression.All)
        {
            if (part is SpecExpression.Call call)
                CheckCall(call);
            else if (part is SpecExpression.Reference reference && IsKnown(record, reference.Segments[0]))
                CheckMembers(record, reference);
            else if (part is SpecExpression.Reference unknown)
                Report(BimbDiagnostics.SpecUnknownName, unknown.Position, $"expected a field, a constant or a built-in name, found '{unknown.Segments[0]}'");
        }
    }

    private void CheckCall(SpecExpression.Call call)
    {
        if (SpecFunctions.Find(call.Function) is not { } function)
            Report(BimbDiagnostics.SpecUnknownName, call.Position, $"expected one of {string.Join(", ", SpecFunctions.All.Select(item => item.Name))}, found '{call.Function}'");
        else if (function.Parameters.Length != call.Arguments.Length)
            Report(BimbDiagnostics.SpecMisuse, call.Position, $"expected {call.Function}({string.Join(", ", function.Parameters)}), found {call.Arguments.Length} arguments");
    }

    private void CheckMember(SpecMember member)
    {
        if (member.Block < 1)
            Report(BimbDiagnostics.SpecMisuse, member.Position, $"expected a block of at least one element, found {member.Block}");
        if (member.Size is { } size)
            CheckSize(size);
    }

    private void CheckSize(SpecExpression expression)
    {
        foreach (var part in expression.All)
        {
            if (part is SpecExpression.Call call)
                CheckCall(call);
            else if (part is SpecExpression.Reference reference && (reference.Segments is not [var name] || !SpecFunctions.SizeNames.Contains(name)))
                Report(BimbDiagnostics.SpecUnknownName, reference.Position, $"expected one of {string.Join(", ", SpecFunctions.SizeNames)}, found '{reference}'");
        }
    }

    /// <summary>A name must mean something wherever its record stands.</summary>
    private bool IsKnown(SpecRecord record, string name) => IsKnown(record, name, []);

    private bool IsKnown(SpecRecord record, string name, HashSet<string> open)
    {
        if (name == SpecFormat.RootName || SpecFunctions.IsName(name) || format.FindConstant(name) is not null)
            return true;
        if (record.IndexOf(name) >= 0 || record.Parameters.Contains(name))
            return true;
        // A record inside itself knows what it knows outside.
        if (!open.Add(record.Name))
            return true;
        var known = parents.TryGetValue(record.Name, out var owners) && owners.TrueForAll(owner => IsKnown(owner, name, open));
        open.Remove(record.Name);
        return known;
    }

    private void Report(DiagnosticDescriptor row, int position, string message, string? hint = null)
    {
        errors++;
        if (reported.Add((position, message)))
            text.Report(diagnostics, row, position, message, hint);
    }
}
