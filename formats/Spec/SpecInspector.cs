using System.Globalization;
using System.Text;
using BiMamba.Text;

namespace BiMamba.Formats.Spec;

/// <summary>One line of an inspection.</summary>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Size">Bytes of the value.</param>
/// <param name="Field">Path of the field.</param>
/// <param name="Value">The value as text.</param>
/// <param name="Doc">The sentence of the field.</param>
public sealed record SpecRow(long Offset, long Size, string Field, string Value, string Doc);

/// <summary>Shows the values of a file with their offsets and sentences.</summary>
public static class SpecInspector
{
    private const int MaxBytes = 32;
    private const int MaxText = 120;
    private const int MaxRegion = 4096;

    /// <summary>One row a value, in the order of the file; lists of numbers are one row.</summary>
    public static IEnumerable<SpecRow> Rows(SpecTree tree) => Leaves(tree.Root)
        .Select(node => new SpecRow(node.Offset, node.Size, node.Path, Show(node), DocOf(node)));

    /// <summary>The rows as lines: offset, field, value, sentence.</summary>
    public static IEnumerable<string> Print(SpecTree tree) => Rows(tree)
        .Select(row => string.Create(CultureInfo.InvariantCulture, $"0x{row.Offset:X8}  {row.Field,-40}  {row.Value}  ; {row.Doc}"));

    /// <summary>
    /// The bytes in hexadecimal, 16 a line, every value at the start of a line with its field and value. Of a region only
    /// the first bytes are shown.
    /// </summary>
    public static IEnumerable<string> Hex(SpecTree tree, SpecSource source)
    {
        long next = 0;
        foreach (var node in Leaves(tree.Root))
        {
            // Counts of arrays and tags of unions are no values of their own.
            foreach (var line in HexLines(source, next, node.Offset, $"count or tag before {(node.Parent is SpecUnionNode ? node.Parent : node).Path}"))
                yield return line;
            next = node.Offset + node.Size;
            var end = node is SpecRegionNode ? Math.Min(next, node.Offset + MaxRegion) : next;
            foreach (var line in HexLines(source, node.Offset, end, $"{node.Path} = {Show(node)}"))
                yield return line;
            if (end < next)
                yield return string.Create(CultureInfo.InvariantCulture, $"{end:x8}  {next - end} more bytes of {node.Path}");
        }
    }

    private static IEnumerable<string> HexLines(SpecSource source, long from, long to, string note)
    {
        for (var at = from; at < to; at += 16)
        {
            var bytes = source.Span(at, (int)Math.Min(16, to - at)).ToArray();
            var hex = string.Join(' ', bytes.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
            yield return string.Create(CultureInfo.InvariantCulture, $"{at:x8}  {hex,-47}  {(at == from ? note : "")}").TrimEnd();
        }
    }

    /// <summary>A value as text.</summary>
    public static string Show(SpecNode node) => node switch
    {
        SpecIntegerNode { Word: { } word } => word,
        SpecIntegerNode integer => integer.Value?.ToString(CultureInfo.InvariantCulture) ?? "nothing",
        SpecFloatNode number => TextEscapes.Float(number.Size == 4 ? Shortest((float)number.Value) : number.Value),
        SpecTextNode text => TextEscapes.Quote(text.Value.Length <= MaxText ? text.Value : text.Value[..MaxText] + "..."),
        SpecBytesNode { HasValue: true } bytes => ShowBytes(bytes.Span),
        SpecZeroNode or SpecRegionNode => string.Create(CultureInfo.InvariantCulture, $"{node.Size} bytes"),
        SpecArrayNode array => $"[{string.Join(", ", array.Items.Take(64).Select(Show))}{(array.Items.Count > 64 ? ", ..." : "")}]",
        SpecUnionNode union => union.Content is null ? union.Case.Name : $"{union.Case.Name} {Show(union.Content)}",
        SpecRecordNode record => record.Record.Name,
        _ => "nothing",
    };

    /// <summary>Bytes as text: characters where all are printable, else hexadecimal.</summary>
    public static string ShowBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0)
            return "no bytes";
        if (bytes.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7e) < 0 && bytes.Length <= MaxBytes)
            return TextEscapes.Quote(Encoding.ASCII.GetString(bytes));
        return bytes.Length <= MaxBytes
            ? Convert.ToHexStringLower(bytes)
            : string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(bytes[..MaxBytes])}... ({bytes.Length} bytes)");
    }

    /// <summary>The number of the fewest digits that a binary32 is read from.</summary>
    private static double Shortest(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static IEnumerable<SpecNode> Leaves(SpecNode node)
    {
        var children = node switch
        {
            SpecRecordNode record => record.Children,
            SpecArrayNode array when array.Items.Exists(item => item is SpecRecordNode) => array.Items,
            SpecUnionNode { Content: SpecRecordNode content } => [content],
            _ => (IEnumerable<SpecNode?>?)null,
        };
        if (children is null)
        {
            yield return node;
            yield break;
        }

        foreach (var child in children)
        {
            if (child is null)
                continue;
            foreach (var leaf in Leaves(child))
                yield return leaf;
        }
    }

    private static string DocOf(SpecNode node)
    {
        for (SpecNode? at = node; at is not null; at = at.Parent)
        {
            if (at.Field is { } field)
                return field.Doc;
        }

        return "";
    }
}
