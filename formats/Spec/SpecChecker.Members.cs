using System.Collections.Immutable;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <content>What stands behind the dots of a reference, as far as the types alone say it.</content>
internal sealed partial class SpecChecker
{
    private void CheckMembers(SpecRecord record, SpecExpression.Reference reference)
    {
        var type = TypeOfName(record, reference.Segments);
        for (var i = 1; i < reference.Segments.Length && type is not null; i++)
        {
            if (!TryMember(type, reference.Segments[i], out var member))
            {
                Report(BimbDiagnostics.SpecUnknownName, reference.Position, $"expected a field, a word or an element of {type}, found '{reference.Segments[i]}'");
                return;
            }

            type = member;
        }
    }

    /// <summary>The type of the first name, or null where it depends on the place of the record.</summary>
    private SpecType? TypeOfName(SpecRecord record, ImmutableArray<string> segments) =>
        record.IndexOf(segments[0]) is >= 0 and var index ? record.Fields[index].Type
        : segments[0] == SpecFormat.RootName ? new SpecType.Named(SpecFormat.RootName, [], 0) : null;

    /// <summary>False where a type has no such member; the type of the member is null where it is a number or selected elsewhere.</summary>
    private bool TryMember(SpecType type, string name, out SpecType? member)
    {
        member = null;
        switch (type)
        {
            case SpecType.Array array:
                member = array.Element;
                return name is "first" or "last";
            case SpecType.Named named when format.FindRecord(named.Name) is { } record:
                var index = record.IndexOf(name);
                member = index >= 0 ? record.Fields[index].Type : null;
                return index >= 0;
            case SpecType.Named named when format.FindEnum(named.Name) is { } words:
                return words.Find(name) is not null;
            case SpecType.Named named:
                // The content that a field selects may be a record.
                return format.FindUnion(named.Name) is { By: not null };
            default:
                return false;
        }
    }
}
