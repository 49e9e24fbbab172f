using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;

namespace BiMamba.Frontend;

/// <summary>
/// Reads the JSON of a configuration, with the bare words <c>Infinity</c>, <c>-Infinity</c> and <c>NaN</c> that Python
/// writes for numbers.
/// </summary>
internal static class ConfigText
{
    /// <summary>The largest configuration that is read, in bytes.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>The deepest nesting that is read.</summary>
    public const int MaxDepth = 32;

    /// <summary>The bytes of a configuration file. Null with a diagnostic if it cannot be read or is too large.</summary>
    public static byte[]? ReadFile(string path, DiagnosticBag diagnostics)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > MaxBytes)
            {
                ReportTooLarge(path, stream.Length, diagnostics);
                return null;
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            diagnostics.Add(InputDiagnostics.Unreadable, $"the configuration cannot be read: {e.Message}", Place.OfFile(path));
            return null;
        }
    }

    /// <summary>
    /// The values of a JSON object by key; the keys of a nested object follow its own key and a dot. Null with
    /// <see cref="FrontendDiagnostics.ConfigSyntax"/> if the text is no such object.
    /// </summary>
    public static IReadOnlyDictionary<string, JsonElement>? Parse(ReadOnlySpan<byte> text, string file, DiagnosticBag diagnostics)
    {
        if (text.Length > MaxBytes)
        {
            ReportTooLarge(file, text.Length, diagnostics);
            return null;
        }

        if (text.StartsWith(Encoding.UTF8.Preamble))
            text = text[Encoding.UTF8.Preamble.Length..];
        if (!Utf8.IsValid(text))
        {
            diagnostics.Add(FrontendDiagnostics.ConfigSyntax, "expected UTF-8, found other bytes", Place.OfFile(file));
            return null;
        }

        try
        {
            var options = new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false };
            using var document = JsonDocument.Parse(WithPlainNumbers(text), options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                diagnostics.Add(FrontendDiagnostics.ConfigSyntax, $"expected an object, found {document.RootElement.ValueKind}", Place.OfFile(file));
                return null;
            }

            return Flatten(document.RootElement);
        }
        catch (JsonException e)
        {
            var place = new Place(file, Line: (int?)e.LineNumber + 1, Column: (int?)e.BytePositionInLine + 1);
            diagnostics.Add(FrontendDiagnostics.ConfigSyntax, $"expected JSON: {Printable.Name(JsonStrings.Reason(e))}", place);
        }
        catch (InvalidOperationException e)
        {
            // A key with an escaped half of a surrogate pair is JSON by its grammar and no text.
            diagnostics.Add(FrontendDiagnostics.ConfigSyntax, $"expected JSON: {e.Message}", Place.OfFile(file));
        }
        return null;
    }

    private static void ReportTooLarge(string file, long length, DiagnosticBag diagnostics) =>
        diagnostics.Add(FrontendDiagnostics.ConfigSyntax, $"expected at most {MaxBytes} bytes, found {length}", Place.OfFile(file));

    private static Dictionary<string, JsonElement> Flatten(JsonElement root)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            values[property.Name] = property.Value.Clone();
            if (property.Value.ValueKind != JsonValueKind.Object)
                continue;
            foreach (var inner in property.Value.EnumerateObject())
                values.TryAdd($"{property.Name}.{inner.Name}", inner.Value.Clone());
        }

        return values;
    }

    /// <summary>
    /// Replaces each bare <c>Infinity</c> by a number of the same length that is infinite as a double, so that columns
    /// in messages stay those of the file, and each bare <c>NaN</c> by the object that transformers 5 writes.
    /// </summary>
    private static byte[] WithPlainNumbers(ReadOnlySpan<byte> text)
    {
        var output = new List<byte>(text.Length);
        var inString = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (!inString && IsWord(text, i, "Infinity"u8))
            {
                output.AddRange("1e999999"u8);
                i += "Infinity".Length - 1;
                continue;
            }

            if (!inString && IsWord(text, i, "NaN"u8))
            {
                output.AddRange("{\"__float__\":\"NaN\"}"u8);
                i += "NaN".Length - 1;
                continue;
            }

            output.Add(text[i]);
            if (text[i] == '"')
                inString = !inString;
            else if (inString && text[i] == '\\' && i + 1 < text.Length)
                output.Add(text[++i]);
        }

        return [.. output];
    }

    private static bool IsWord(ReadOnlySpan<byte> text, int at, ReadOnlySpan<byte> word) =>
        text[at..].StartsWith(word)
        && (at == 0 || !IsWordByte(text[at - 1]))
        && (at + word.Length == text.Length || !IsWordByte(text[at + word.Length]));

    private static bool IsWordByte(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)'.';
}
