using System.Globalization;
using System.Text;
using BiMamba.Text;

namespace BiMamba.Formats.Spec;

/// <summary>Prints a spec in its canonical text form, which parses back to the same spec.</summary>
public static class SpecPrinter
{
    /// <summary>The spec as text, with <c>\n</c> line ends.</summary>
    public static string Print(SpecFormat format)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"format {format.Name} version {format.Version} little-endian {Quote(format.Doc)}\n\n");
        foreach (var constant in format.Constants)
            text.Append(CultureInfo.InvariantCulture, $"const {constant.Name} = {constant.Value} {Quote(constant.Doc)}\n");
        foreach (var item in format.Enums)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nenum {item.Name} : {item.Storage}{Else(item.Class)} {Quote(item.Doc)} {{\n");
            foreach (var member in item.Members)
                text.Append(CultureInfo.InvariantCulture, $"  {member.Name} = {member.Value}{(member.Block == 1 ? "" : $" block {member.Block}")}{(member.Size is null ? "" : $" size {member.Size}")} {Quote(member.Doc)}\n");
            text.Append("}\n");
        }

        foreach (var record in format.Records)
        {
            var parameters = record.Parameters.IsEmpty ? "" : $"({string.Join(", ", record.Parameters)})";
            text.Append(CultureInfo.InvariantCulture, $"\nrecord {record.Name}{parameters}{(record.Nested == 0 ? "" : $" nested {record.Nested}")} {Quote(record.Doc)} {{\n");
            foreach (var field in record.Fields)
                text.Append(CultureInfo.InvariantCulture, $"  {field.Name} : {field.Declaration} {Quote(field.Doc)}\n");
            text.Append("}\n");
        }

        foreach (var union in format.Unions)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nunion {union.Name} {(union.By is { } by ? $"by {by}" : $": {union.Storage}{Else(union.Class)}")} {Quote(union.Doc)} {{\n");
            foreach (var item in union.Cases)
                text.Append(CultureInfo.InvariantCulture, $"  {item.Name}{(union.By is null ? $" = {item.Tag}" : "")} : {item.Type} {Quote(item.Doc)}\n");
            text.Append("}\n");
        }

        return text.ToString();
    }

    private static string Quote(string doc) => TextEscapes.Quote(doc);

    private static string Else(string? className) => className is null ? "" : $" else {className}";
}
