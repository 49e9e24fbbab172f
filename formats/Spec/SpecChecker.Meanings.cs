using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <content>What names mean, wherever their record stands; and what is read before them.</content>
internal sealed partial class SpecChecker
{
    private readonly Dictionary<string, List<SpecUse>> uses = new(StringComparer.Ordinal);
    private readonly HashSet<(string Record, string Name)> asked = [];

    private void CollectUses()
    {
        foreach (var record in format.Records)
        {
            for (var i = 0; i < record.Fields.Length; i++)
                AddUse(record, i, record.Fields[i].Type);
        }

        foreach (var union in format.Unions)
        {
            foreach (var item in union.Cases)
                AddUse(Stub(union.Name), -1, item.Type);
        }
    }

    private void AddUse(SpecRecord owner, int index, SpecType type)
    {
        if ((type is SpecType.Array array ? array.Element : type) is not SpecType.Named named)
            return;
        if (!uses.TryGetValue(named.Name, out var list))
            uses[named.Name] = list = [];
        list.Add(new SpecUse(owner, index, named, type is SpecType.Array));
    }

    private IReadOnlyList<SpecUse> UsesOf(SpecRecord record) => uses.GetValueOrDefault(record.Name) ?? [];

    private SpecMeaning MeaningOf(SpecRecord record, SpecExpression.Reference reference, SpecType? item)
    {
        var meaning = MeaningOf(record, reference.Segments[0], reference.Position, item) ?? default;
        foreach (var name in reference.Segments.AsSpan()[1..])
        {
            if (meaning.Kind == SpecKind.Unknown || meaning is { IsField: true, Type: null })
                return default;
            SpecType? member = null;
            if (meaning.Type is not { } type || !TryMember(type, name, out member))
            {
                Report(BimbDiagnostics.SpecUnknownName, reference.Position, $"expected a field, a word or an element, found '{name}' in '{reference}'");
                return default;
            }

            meaning = member is not null ? SpecMeaning.Of(member) : SpecMeaning.Of(type is SpecType.Named { Definition: SpecEnum } ? SpecKind.Integer : SpecKind.Unknown);
        }

        return meaning;
    }

    /// <summary>
    /// What a name means in a record: its own field or parameter, those around it, a constant, what is built in. Null where
    /// the same name of the same record is being asked for: a record inside itself knows what it knows outside.
    /// </summary>
    private SpecMeaning? MeaningOf(SpecRecord record, string name, int position, SpecType? item)
    {
        if (record.IndexOf(name) is >= 0 and var index)
            return SpecMeaning.Of(record.Fields[index].Type);
        if (!asked.Add((record.Name, name)))
            return null;
        var around = new List<SpecMeaning>();
        if (record.Parameters.IndexOf(name) is >= 0 and var parameter)
            around.AddRange(UsesOf(record).Select(use => KindOf(use.Owner, use.Type.Arguments[parameter], null)));
        else if (!SpecFunctions.IsName(name))
            around.AddRange(UsesOf(record).Select(use => MeaningOf(use.Owner, name, position, null)).OfType<SpecMeaning>());
        asked.Remove((record.Name, name));
        around.RemoveAll(meaning => meaning.Kind == SpecKind.Unknown);
        if (around.Count > 0)
            return Join(around);
        if (record.Parameters.Contains(name))
            return default(SpecMeaning);
        return format.FindConstant(name) is not null ? SpecMeaning.Of(SpecKind.Integer) : BuiltIn(record, name, position, item);
    }

    /// <summary>What all meanings have in common.</summary>
    private static SpecMeaning Join(List<SpecMeaning> meanings)
    {
        var first = meanings[0];
        return meanings.TrueForAll(meaning => meaning == first)
            ? first
            : new SpecMeaning(meanings.TrueForAll(meaning => meaning.Kind == first.Kind) ? first.Kind : SpecKind.Mixed, meanings.TrueForAll(meaning => meaning.IsField), null);
    }

    private SpecMeaning BuiltIn(SpecRecord record, string name, int position, SpecType? item)
    {
        switch (name)
        {
            case SpecFormat.RootName:
                return new SpecMeaning(SpecKind.Record, true, new SpecType.Named(SpecFormat.RootName, [], 0) { Definition = format.Root });
            case "first" or "previous":
                var elements = ElementsAround(record, []).Distinct().ToList();
                if (elements.Contains(null))
                    Report(BimbDiagnostics.SpecMisuse, position, $"expected '{name}' in the elements of an array, found it in {record.Name}, which stands outside of one");
                return name == "first" ? SpecMeaning.Of(SpecKind.Truth) : elements is [{ } element] ? SpecMeaning.Of(element) : default;
            case "item":
                if (item is null)
                    Report(BimbDiagnostics.SpecMisuse, position, "expected 'item' behind 'each', found it elsewhere");
                return item is null ? default : SpecMeaning.Of(item);
            default:
                return SpecMeaning.Of(SpecKind.Integer);
        }
    }

    /// <summary>The types of the array elements that a record stands in; null for a place outside of all arrays.</summary>
    private IEnumerable<SpecType?> ElementsAround(SpecRecord record, HashSet<string> open)
    {
        if (!open.Add(record.Name))
            return [];
        var list = UsesOf(record);
        return list.Count == 0 ? [null] : list.SelectMany(use => use.IsElement ? [use.Type] : ElementsAround(use.Owner, open)).ToList();
    }

    /// <summary>What a length or a count speaks of stands before its field.</summary>
    private void CheckOrder(SpecRecord record, int index, SpecExpression expression)
    {
        foreach (var reference in expression.All.OfType<SpecExpression.Reference>())
        {
            var isOfRoot = reference.Segments is [SpecFormat.RootName, _, ..];
            if (IsLater(record, index, reference.Segments[isOfRoot ? 1 : 0], isOfRoot, true, []))
                Report(BimbDiagnostics.SpecMisuse, reference.Position, $"expected a field that stands before, found '{reference}', which is read later");
        }
    }

    /// <summary>True where a name is a field that is read after the field at an index, or is that field itself.</summary>
    private bool IsLater(SpecRecord record, int index, string name, bool isOfRoot, bool isOwn, HashSet<string> open)
    {
        if ((!isOfRoot || record.Name == SpecFormat.RootName) && record.IndexOf(name) is >= 0 and var at)
            return isOwn ? at >= index : at > index;
        if ((!isOfRoot && record.Parameters.Contains(name)) || !open.Add(record.Name))
            return false;
        return UsesOf(record).Any(use => IsLater(use.Owner, use.FieldIndex, name, isOfRoot, false, open));
    }
}
