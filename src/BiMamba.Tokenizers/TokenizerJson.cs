using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tokenizers.Json;

namespace BiMamba.Tokenizers;

/// <summary>
/// Reads Hugging Face <c>tokenizer.json</c> files with a BPE model: byte-level (GPT-2, GPT-NeoX) and with characters
/// and byte fallback (LLaMA). Whatever else a file asks for is refused with the JSON path of the component.
/// </summary>
public static class TokenizerJson
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">Path of the tokenizer.json.</param>
    /// <param name="bag">Receives what is wrong, with JSON path or byte offset.</param>
    /// <returns>The tokenizer, or null when <paramref name="bag"/> received an error.</returns>
    public static BpeTokenizer? Load(string path, DiagnosticBag bag)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (!JsonText.CheckSize(file.Length, path, bag))
                return null;
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return Parse(bytes, path, bag);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            bag.Add(InputDiagnostics.Missing, "expected a tokenizer.json, found no such file", Place.OfFile(path), "name a file that exists");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            bag.Add(InputDiagnostics.Unreadable, $"expected a readable file: {e.Message}", Place.OfFile(path), "check that it is a file and its permissions");
        }

        return null;
    }

    /// <summary>Reads a tokenizer.json from memory.</summary>
    /// <param name="json">Its bytes; they must not change afterwards, for <see cref="Tokenizer.Source"/> refers to them.</param>
    /// <param name="fileName">The name that diagnostics give as the file.</param>
    /// <param name="bag">Receives what is wrong, with JSON path or byte offset.</param>
    /// <returns>The tokenizer, or null when <paramref name="bag"/> received an error.</returns>
    public static BpeTokenizer? Parse(ReadOnlyMemory<byte> json, string fileName, DiagnosticBag bag)
    {
        if (!JsonText.Check(json.Span, fileName, bag))
            return null;
        using var document = JsonDocument.Parse(json, JsonText.Options);
        var report = new JsonReport(fileName);
        var tokenizer = new TokenizerReader(report).Read(document.RootElement, json);
        bag.AddRange(report.Bag);
        return tokenizer;
    }
}
