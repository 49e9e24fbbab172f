using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Tokenizers.Json;

/// <summary>
/// Checks a JSON text as such before any of it is interpreted: size, UTF-8, syntax, depth, and that every string is
/// Unicode text. What passes can be read without exceptions.
/// </summary>
internal static class JsonText
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const long MaxBytes = 256L << 20;

    /// <summary>The largest number of JSON tokens.</summary>
    public const int MaxTokens = 1 << 25;

    private const int MaxDepth = 32;

    /// <summary>The same depth for the parser proper.</summary>
    public static JsonDocumentOptions Options => new() { MaxDepth = MaxDepth };

    /// <summary>Checks a text.</summary>
    /// <returns>True when nothing is wrong.</returns>
    public static bool Check(ReadOnlySpan<byte> json, string file, DiagnosticBag bag) =>
        CheckSize(json.Length, file, bag) && CheckUtf8(json, file, bag) && CheckSyntax(json, file, bag);

    /// <summary>Checks the size alone.</summary>
    public static bool CheckSize(long length, string file, DiagnosticBag bag)
    {
        if (length <= MaxBytes)
            return true;
        bag.Add(
            TokenizerDiagnostics.TooLarge,
            $"expected at most {MaxBytes} bytes, found {length}",
            Place.OfFile(file),
            "name the tokenizer.json of the model");
        return false;
    }

    private static bool CheckUtf8(ReadOnlySpan<byte> json, string file, DiagnosticBag bag)
    {
        if (Utf8.IsValid(json))
            return true;
        var offset = 0;
        while (System.Text.Rune.DecodeFromUtf8(json[offset..], out _, out var length) == System.Buffers.OperationStatus.Done)
            offset += length;
        NotJson($"expected UTF-8, found the byte 0x{json[offset]:X2}", offset, file, bag);
        return false;
    }

    private static bool CheckSyntax(ReadOnlySpan<byte> json, string file, DiagnosticBag bag)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var tokens = 0;
        try
        {
            while (reader.Read())
            {
                if (++tokens > MaxTokens)
                {
                    bag.Add(TokenizerDiagnostics.TooLarge, $"expected at most {MaxTokens} JSON values, found more", new Place(file, Offset: reader.TokenStartIndex));
                    return false;
                }

                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    _ = reader.GetString();
            }

            return true;
        }
        catch (JsonException e)
        {
            var position = string.Create(CultureInfo.InvariantCulture, $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} of the line");
            NotJson($"expected JSON of at most {MaxDepth} levels, found an error at {position}: {FirstSentence(e.Message)}", reader.BytesConsumed, file, bag);
            return false;
        }
        catch (InvalidOperationException)
        {
            NotJson("expected a string of Unicode text, found an escaped surrogate without its partner", reader.TokenStartIndex, file, bag);
            return false;
        }
    }

    private static void NotJson(string message, long offset, string file, DiagnosticBag bag) =>
        bag.Add(TokenizerDiagnostics.NotJson, message, new Place(file, Offset: offset), "fetch the file again; it must be a tokenizer.json in UTF-8 without byte order mark");

    private static string FirstSentence(string message) =>
        message.IndexOf(" LineNumber:", StringComparison.Ordinal) is var end and > 0 ? message[..end] : message;
}
