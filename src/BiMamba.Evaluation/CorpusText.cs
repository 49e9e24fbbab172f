using System.Text;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation;

/// <summary>The texts of a corpus file, as UTF-8.</summary>
internal static class CorpusText
{
    /// <summary>Names that datasets have for the text of a document; the first that a line has is taken.</summary>
    private static readonly string[] Fields = ["text", "page", "sentence", "content"];

    /// <summary>The texts: one, or every document; null with an error where a line is no document.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Read(string path, byte[] bytes, CorpusOptions options, DiagnosticBag diagnostics)
    {
        var isJsonLines = Path.GetExtension(path).Equals(".jsonl", StringComparison.OrdinalIgnoreCase);
        var join = options.Join;
        if (!isJsonLines && join.Rows == CorpusRows.Documents)
        {
            diagnostics.Add(RuntimeDiagnostics.CorpusForm, $"--join {join.Name} takes documents, and the file is not a .jsonl file", Place.OfFile(path), "pass a .jsonl file with a text in every line");
            return null;
        }

        if (!isJsonLines && join.Rows == CorpusRows.File)
            return [bytes];
        var rows = isJsonLines ? Documents(path, bytes, diagnostics) : Lines(bytes, join.Rows);
        if (rows is null)
            return null;
        if (join.MaxRows is { } most && rows.Count > most)
            rows = rows[..most];
        return options.IsByDocument ? rows : [Joined(rows, join.Separator)];
    }

    /// <summary>
    /// Pieces between runs of white space, those before a leading and behind a trailing one included, as
    /// len(re.split(r"\\s+", text)) counts in lm-evaluation-harness.
    /// </summary>
    public static long Words(ReadOnlySpan<byte> text)
    {
        long words = 1;
        var isInside = false;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var length);
            // Python's pattern takes the four separators of ASCII too.
            var isSpace = Rune.IsWhiteSpace(rune) || rune.Value is >= 0x1C and <= 0x1F;
            words += isSpace && !isInside ? 1 : 0;
            isInside = isSpace;
            text = text[length..];
        }

        return words;
    }

    private static List<ReadOnlyMemory<byte>> Lines(byte[] bytes, CorpusRows kind)
    {
        var rows = new List<ReadOnlyMemory<byte>>();
        for (var start = 0; start < bytes.Length;)
        {
            var length = bytes.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? bytes.Length - start : length + 1;
            var row = bytes.AsMemory(start, length);
            var trimmed = row.Trim(" \t\r\n"u8);
            rows.Add(kind == CorpusRows.TrimmedLines || trimmed.IsEmpty ? trimmed : row);
            start += length;
        }

        return rows;
    }

    private static List<ReadOnlyMemory<byte>>? Documents(string path, byte[] bytes, DiagnosticBag diagnostics)
    {
        var rows = new List<ReadOnlyMemory<byte>>();
        var lines = Lines(bytes, CorpusRows.TrimmedLines);
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].IsEmpty)
                continue;
            if (Document(lines[i], out var reason) is not { } text)
            {
                diagnostics.Add(RuntimeDiagnostics.CorpusForm, $"line {i + 1}: expected a JSON object with a text in one of {string.Join(", ", Fields)}: {reason}", Place.OfFile(path));
                return null;
            }

            rows.Add(text);
        }

        return rows;
    }

    private static byte[]? Document(ReadOnlyMemory<byte> line, out string reason)
    {
        reason = "found none";
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            foreach (var field in Fields)
            {
                if (document.RootElement.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String)
                    return Encoding.UTF8.GetBytes(value.GetString()!);
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A text with half a surrogate is no Unicode, which only shows when it is read.
            reason = e.Message;
            return null;
        }
    }

    private static byte[] Joined(IReadOnlyList<ReadOnlyMemory<byte>> rows, string separator)
    {
        var between = Encoding.UTF8.GetBytes(separator);
        using var text = new MemoryStream();
        for (var i = 0; i < rows.Count; i++)
        {
            if (i > 0)
                text.Write(between);
            text.Write(rows[i].Span);
        }

        return text.ToArray();
    }
}
