using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Text;

namespace BiMamba.Formats.Spec;

/// <summary>
/// Checks a parsed spec: every type, field, constant and function that it names exists, names and values are unique,
/// records contain themselves only as deep as they say, array elements take at least one byte, a region is last, and
/// expressions join values of one kind.
/// </summary>
internal sealed partial class SpecChecker
{
    private const int MaxNested = 64;

    private readonly SpecFormat format;
    private readonly SourceText text;
    private readonly DiagnosticBag diagnostics;
    private readonly Dictionary<string, List<SpecRecord>> parents = new(StringComparer.Ordinal);
    private readonly HashSet<(int Position, string Message)> reported = [];
    private int errors;

    private SpecChecker(SpecFormat format, SourceText text, DiagnosticBag diagnostics)
    {
        this.format = format;
        this.text = text;
        this.diagnostics = diagnostics;
    }

    /// <summary>True where the spec means something; every error goes to the bag.</summary>
    internal static bool Check(SpecFormat format, SourceText text, DiagnosticBag diagnostics)
    {
        var checker = new SpecChecker(format, text, diagnostics);
        checker.Run();
        return checker.errors == 0;
    }

    private void Run()
    {
        if (!CheckNames())
            return;
        foreach (var record in format.Records)
        {
            foreach (var field in record.Fields)
                CheckTypeNames(field.Type);
        }

        foreach (var union in format.Unions)
        {
            foreach (var item in union.Cases)
                CheckTypeNames(item.Type);
        }

        if (errors > 0 || !CheckCycles())
            return;
        foreach (var record in format.Records)
        {
            foreach (var field in record.Fields)
                CheckField(record, field);
        }

        foreach (var union in format.Unions)
        {
            foreach (var item in union.Cases)
                CheckType(Stub(union.Name), item.Type, item.Position);
        }

        foreach (var member in format.Enums.SelectMany(item => item.Members))
            CheckMember(member);
        if (errors == 0)
            CheckKinds();
    }

    private bool CheckNames()
    {
        var names = new HashSet<string>(SpecTypes.Plain.Select(type => type.ToString()!).Concat(["bytes", "utf8", "zero", "region"]), StringComparer.Ordinal);
        foreach (var (name, position) in format.Enums.Select(item => (item.Name, item.Position))
            .Concat(format.Records.Select(item => (item.Name, item.Position)))
            .Concat(format.Unions.Select(item => (item.Name, item.Position))))
        {
            Unique(names, name, position, "type");
        }

        var constants = new HashSet<string>(StringComparer.Ordinal);
        foreach (var constant in format.Constants)
            Unique(constants, constant.Name, constant.Position, "constant");
        CheckWordNames();
        CheckFieldNames();
        if (format.FindRecord(SpecFormat.RootName) is null)
            Report(BimbDiagnostics.SpecUnknownName, 0, $"expected a record '{SpecFormat.RootName}', which is the whole file, found none");
        return errors == 0;
    }

    private void CheckWordNames()
    {
        foreach (var item in format.Enums)
        {
            var words = new HashSet<string>(StringComparer.Ordinal);
            var values = new HashSet<string>(StringComparer.Ordinal);
            foreach (var member in item.Members)
            {
                Unique(words, member.Name, member.Position, "word");
                CheckTag(values, member.Value, item.Storage, member.Position);
            }
        }

        foreach (var union in format.Unions)
        {
            var words = new HashSet<string>(StringComparer.Ordinal);
            var values = new HashSet<string>(StringComparer.Ordinal);
            foreach (var item in union.Cases)
            {
                Unique(words, item.Name, item.Position, "case");
                if (union.Storage is { } storage)
                    CheckTag(values, item.Tag, storage, item.Position);
            }

            CheckWords(union);
        }
    }

    private void CheckFieldNames()
    {
        foreach (var record in format.Records)
        {
            var fields = new HashSet<string>(SpecFunctions.Names.Select(item => item.Name).Append("last"), StringComparer.Ordinal);
            if (record.Nested is < 0 or > MaxNested)
                Report(BimbDiagnostics.SpecMisuse, record.Position, $"expected at most {MaxNested} values inside one another, found {record.Nested}");
            foreach (var parameter in record.Parameters)
                Unique(fields, parameter, record.Position, "parameter");
            foreach (var field in record.Fields)
                Unique(fields, field.Name, field.Position, "field");
        }
    }

    private void CheckTag(HashSet<string> values, long value, SpecType.Integer storage, int position)
    {
        Unique(values, value.ToString(System.Globalization.CultureInfo.InvariantCulture), position, "value");
        if (value < 0 || (storage.Size < 8 && value >> (8 * storage.Size) != 0))
            Report(BimbDiagnostics.SpecMisuse, position, $"expected a value of {storage}, found {value}");
    }

    /// <summary>An enum selects the cases of a union: each word has one, and each case is a word.</summary>
    private void CheckWords(SpecUnion union)
    {
        if (union.By is not { } by)
            return;
        if (format.FindEnum(by) is not { } words)
        {
            Report(BimbDiagnostics.SpecUnknownName, union.Position, $"expected an enum, found '{by}', which is none");
            return;
        }

        foreach (var item in union.Cases.Where(item => words.Find(item.Name) is null))
            Report(BimbDiagnostics.SpecUnknownName, item.Position, $"expected a word of {by}, found '{item.Name}'");
        foreach (var word in words.Members.Where(word => !union.Cases.Any(item => item.Name == word.Name)))
            Report(BimbDiagnostics.SpecMisuse, union.Position, $"expected a case of every word of {by}, found none of '{word.Name}'");
    }

    private void Unique(HashSet<string> names, string name, int position, string what)
    {
        if (!names.Add(name))
            Report(BimbDiagnostics.SpecDuplicate, position, $"expected a new {what}, found '{name}', which is defined already");
    }

    private void CheckTypeNames(SpecType type)
    {
        if (type is SpecType.Array array)
        {
            CheckTypeNames(array.Element);
            return;
        }

        if (type is not SpecType.Named named)
            return;
        var record = format.FindRecord(named.Name);
        named.Definition = (object?)record ?? (object?)format.FindEnum(named.Name) ?? format.FindUnion(named.Name);
        if (named.Definition is null)
        {
            Report(BimbDiagnostics.SpecUnknownName, named.Position, $"expected a type, found '{named.Name}', which is not defined",
                NearestName.Hint(named.Name, format.Enums.Select(item => item.Name).Concat(format.Records.Select(item => item.Name)).Concat(format.Unions.Select(item => item.Name)).Concat(SpecTypes.Plain.Select(item => item.ToString()!))));
            return;
        }

        var parameters = record?.Parameters.Length ?? (named.Definition is SpecUnion { By: not null } ? 1 : 0);
        if (named.Arguments.Length != parameters)
            Report(BimbDiagnostics.SpecMisuse, named.Position, $"expected {parameters} arguments of {named.Name}, found {named.Arguments.Length}");
    }

    private bool CheckCycles()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var record in format.Records)
            Visit(record.Name, record.Position, done, []);
        foreach (var union in format.Unions)
            Visit(union.Name, union.Position, done, []);
        return errors == 0;
    }

    private void Visit(string name, int position, HashSet<string> done, List<string> open)
    {
        if (done.Contains(name))
            return;
        if (open.IndexOf(name) is >= 0 and var start)
        {
            // A cycle ends where a record of it bounds its depth, and a case or a count can leave it.
            var cycle = open[start..];
            if (!cycle.Exists(item => format.FindRecord(item) is { Nested: > 0 }) || !cycle.Exists(item => format.FindUnion(item) is not null))
                Report(BimbDiagnostics.SpecMisuse, position, $"expected types that end, found '{name}', which contains itself");
            return;
        }

        open.Add(name);

        var types = format.FindRecord(name)?.Fields.Select(field => (field.Type, field.Position))
            ?? format.FindUnion(name)?.Cases.Select(item => (item.Type, item.Position)) ?? [];
        foreach (var (type, place) in types)
        {
            var element = type is SpecType.Array array ? array.Element : type;
            if (element is not SpecType.Named inner || format.FindEnum(inner.Name) is not null)
                continue;
            // A union hands its parents on: names in its records resolve through it.
            AddParent(inner.Name, name);
            Visit(inner.Name, place, done, open);
        }

        open.Remove(name);
        done.Add(name);
    }

    private void AddParent(string child, string parent)
    {
        if (!parents.TryGetValue(child, out var list))
            parents[child] = list = [];
        list.Add(format.FindRecord(parent) ?? Stub(parent));
    }

    /// <summary>A union stands as a record without fields.</summary>
    private static SpecRecord Stub(string name) => new(name, [], 0, "", [], 0);
}
