using System.Globalization;
using System.Text;

namespace BiMamba.Formats.Spec;

/// <summary>Writes the document of a format from its spec, as Markdown.</summary>
public static class SpecDocument
{
    /// <summary>The document, with <c>\n</c> line ends.</summary>
    /// <param name="format">The spec.</param>
    /// <param name="specName">File name of the spec, for the notice that the document is generated.</param>
    public static string Write(SpecFormat format, string specName)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<!-- Generated from {specName}: edit that file, then run the tests with BIMAMBA_BLESS=1. -->\n\n");
        text.Append(CultureInfo.InvariantCulture, $"# The `.{format.Name}` file format, version {format.Version}\n\n{format.Doc}\n\n");
        text.Append("Integers and floating-point numbers are little-endian. `textN` is a length of N bits and that many bytes of UTF-8; `T[uN]` is a count of N bits and that many elements. ");
        text.Append("Fields follow each other without gaps. Every rule is checked when a file is read and when it is written.\n\n");
        WriteConstants(text, format);
        foreach (var record in format.Records)
            WriteRecord(text, format, record);
        foreach (var union in format.Unions)
            WriteUnion(text, union);
        foreach (var item in format.Enums)
            WriteEnum(text, item);
        WriteFunctions(text, format);
        WriteDiagnostics(text, format);
        return text.ToString();
    }

    private static void WriteConstants(StringBuilder text, SpecFormat format)
    {
        if (format.Constants.IsEmpty)
            return;
        text.Append("## Constants\n\n| name | value | |\n|---|---:|---|\n");
        foreach (var constant in format.Constants)
            text.Append(CultureInfo.InvariantCulture, $"| `{constant.Name}` | {constant.Value} | {Cell(constant.Doc)} |\n");
        text.Append('\n');
    }

    private static void WriteRecord(StringBuilder text, SpecFormat format, SpecRecord record)
    {
        var parameters = record.Parameters.IsEmpty ? "" : $"({string.Join(", ", record.Parameters)})";
        text.Append(CultureInfo.InvariantCulture, $"## `{record.Name}{parameters}`\n\n{record.Doc}\n\n");
        if (record.Nested > 0)
            text.Append(CultureInfo.InvariantCulture, $"At most {record.Nested} inside one another.\n\n");
        var size = SpecSizes.Fixed(format, new SpecType.Named(record.Name, [], 0));
        if (size is not null)
            text.Append(CultureInfo.InvariantCulture, $"{size} bytes.\n\n");
        text.Append("| offset | field | type | rules | |\n|---:|---|---|---|---|\n");
        long? offset = 0;
        foreach (var field in record.Fields)
        {
            var rules = field.Constraints.Select(constraint => $"`{Cell(constraint.ToString())}`");
            if (field.Section is { } section)
                rules = rules.Prepend($"`in {section}`");
            text.Append(CultureInfo.InvariantCulture, $"| {offset?.ToString(CultureInfo.InvariantCulture) ?? ""} | `{field.Name}` | `{Cell(field.Type.ToString()!)}` | {string.Join("<br>", rules)} | {Cell(field.Doc)} |\n");
            offset += SpecSizes.Fixed(format, field.Type);
        }

        text.Append('\n');
    }

    private static void WriteUnion(StringBuilder text, SpecUnion union)
    {
        var before = union.By is { } by ? $"A word of `{by}` that stands elsewhere, as in `{union.Name}(field)`, selects one:" : $"A tag of type `{union.Storage}`, then:";
        text.Append(CultureInfo.InvariantCulture, $"## `{union.Name}`\n\n{union.Doc} {before}\n\n| tag | case | type | |\n|---:|---|---|---|\n");
        foreach (var item in union.Cases)
            text.Append(CultureInfo.InvariantCulture, $"| {item.Tag} | `{item.Name}` | `{item.Type}` | {Cell(item.Doc)} |\n");
        text.Append('\n');
    }

    private static void WriteEnum(StringBuilder text, SpecEnum item)
    {
        var hasSizes = item.Members.Any(member => member.Size is not null);
        var hasBlocks = item.Members.Any(member => member.Block > 1);
        text.Append(CultureInfo.InvariantCulture, $"## `{item.Name}`\n\n{item.Doc} Stored as `{item.Storage}`; other values are refused.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| value | word |{(hasBlocks ? " block |" : "")}{(hasSizes ? " bytes |" : "")} |\n|---:|---|{(hasBlocks ? "---:|" : "")}{(hasSizes ? "---|" : "")}---|\n");
        foreach (var member in item.Members)
        {
            var block = hasBlocks ? string.Create(CultureInfo.InvariantCulture, $" {member.Block} |") : "";
            var size = hasSizes ? $" `{member.Size}` |" : "";
            text.Append(CultureInfo.InvariantCulture, $"| {member.Value} | `{member.Name}` |{block}{size} {Cell(member.Doc)} |\n");
        }

        text.Append('\n');
    }

    private static void WriteFunctions(StringBuilder text, SpecFormat format)
    {
        var uses = SpecUses.Names(format);
        var fields = format.Records.SelectMany(record => record.Fields).ToList();
        text.Append("## Names and functions in rules\n\n| | |\n|---|---|\n");
        foreach (var (name, doc) in SpecFunctions.Names.Where(item => uses.Contains(item.Name)))
            text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {doc} |\n");
        foreach (var function in SpecFunctions.All.Where(item => uses.Contains(item.Name)))
            text.Append(CultureInfo.InvariantCulture, $"| `{function.Name}({string.Join(", ", function.Parameters)})` | {function.Doc} |\n");
        if (fields.Exists(field => field.Section is not null))
            text.Append("| `in x` | the bytes lie where `x` says, and their SHA-256 is checked before they are read |\n");
        if (fields.Exists(field => field.Type is SpecType.Region { Rows: null }))
            text.Append("| `region[n]` | bytes that opening a file does not read |\n");
        if (fields.Exists(field => field.Type is SpecType.Region { Rows: not null }))
            text.Append("| `region[n] of rows` | bytes that opening a file does not read; each row names a piece by `offset`, `size` and `sha256`, every byte between the pieces is zero |\n");
        text.Append('\n');
    }

    private static void WriteDiagnostics(StringBuilder text, SpecFormat format)
    {
        text.Append("## What a broken rule reports\n\n| rule | diagnostic | exit code | |\n|---|---|---:|---|\n");
        foreach (var rule in SpecRules.Of(format))
            text.Append(CultureInfo.InvariantCulture, $"| `{Cell(rule.Name)}` | {rule.Row.Id} | {(int)rule.Row.ExitCode} | {Cell(rule.Row.Summary)} |\n");
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
