using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Text;

namespace BiMamba.Formats.Spec;

/// <summary>
/// Checks a parsed spec: every type, field, constant and function that it names exists, names and values are unique,
/// records do not contain themselves, array elements take at least one byte, a region is last.
/// </summary>
internal sealed partial class SpecChecker
{
    private readonly SpecFormat format;
    private readonly SourceText text;
    private readonly DiagnosticBag diagnostics;
    private readonly Dictionary<string, List<SpecRecord>> parents = new(StringComparer.Ordinal);
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

    /// <summary>The least bytes of a value of a type.</summary>
    internal static long MinimalSize(SpecFormat format, SpecType type) => type switch
    {
        SpecType.Integer integer => integer.Size,
        SpecType.Floating floating => floating.Size,
        SpecType.Text text => text.Prefix.Size,
        SpecType.Bytes { Length: SpecExpression.Literal length } => length.Value,
        SpecType.Array array => array.Prefix?.Size ?? 0,
        SpecType.Named named when format.FindEnum(named.Name) is { } item => item.Storage.Size,
        SpecType.Named named when format.FindUnion(named.Name) is { } union => union.Storage.Size,
        SpecType.Named named when format.FindRecord(named.Name) is { } record => record.Fields.Sum(field => MinimalSize(format, field.Type)),
        _ => 0,
    };

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

        foreach (var item in format.Unions.SelectMany(union => union.Cases))
        {
            if (item.Type is SpecType.Array array)
                CheckElement(array, item.Position);
        }

        foreach (var member in format.Enums.SelectMany(item => item.Members))
        {
            if (member.Size is { } size)
                CheckSize(size, member.Position);
        }
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
                CheckTag(values, item.Tag, union.Storage, item.Position);
            }
        }

        foreach (var record in format.Records)
        {
            var fields = new HashSet<string>(SpecFunctions.Names.Select(item => item.Name).Append("last"), StringComparer.Ordinal);
            foreach (var parameter in record.Parameters)
                Unique(fields, parameter, record.Position, "parameter");
            foreach (var field in record.Fields)
                Unique(fields, field.Name, field.Position, "field");
        }

        if (format.FindRecord(SpecFormat.RootName) is null)
            Report(BimbDiagnostics.SpecUnknownName, 0, $"expected a record '{SpecFormat.RootName}', which is the whole file, found none");
        return errors == 0;
    }

    private void CheckTag(HashSet<string> values, long value, SpecType.Integer storage, int position)
    {
        Unique(values, value.ToString(System.Globalization.CultureInfo.InvariantCulture), position, "value");
        if (value < 0 || (storage.Size < 8 && value >> (8 * storage.Size) != 0))
            Report(BimbDiagnostics.SpecMisuse, position, $"expected a value of {storage}, found {value}");
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
            Report(BimbDiagnostics.SpecUnknownName, named.Position, $"expected a type, found '{named.Name}', which is not defined");
            return;
        }

        var parameters = record?.Parameters.Length ?? 0;
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

    private void Visit(string name, int position, HashSet<string> done, HashSet<string> open)
    {
        if (done.Contains(name))
            return;
        if (!open.Add(name))
        {
            Report(BimbDiagnostics.SpecMisuse, position, $"expected types that end, found '{name}', which contains itself");
            return;
        }

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
        // A union stands as a record without fields.
        list.Add(format.FindRecord(parent) ?? new SpecRecord(parent, [], "", [], 0));
    }
}
