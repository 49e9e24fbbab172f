using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Frontend;
using BiMamba.Tokenizers;

namespace BiMamba.Toolchain.Models;

/// <summary>Reads the tokenizer that lies in the file of the weights.</summary>
internal static class StoredTokenizers
{
    /// <summary>
    /// The tokenizer. Null with <see cref="GgufDiagnostics.Tokenizer"/> where it asks for something that is not supported:
    /// the weights can be used all the same.
    /// </summary>
    public static Tokenizer? Read(StoredTokenizer stored, string path, DiagnosticBag diagnostics)
    {
        if (stored.IsBytes)
            return new BytesTokenizer();
        var found = new DiagnosticBag();
        var tokenizer = TokenizerJson.Parse(stored.Json, path, found);
        if (tokenizer is null)
        {
            var first = found.Items.First(item => item.Severity == Severity.Error);
            diagnostics.Add(GgufDiagnostics.Tokenizer, $"as a tokenizer.json it breaks {first.Id}: {first.Message}", first.Place, "token ids can be used as they are; --tokenizer names a tokenizer.json");
            return null;
        }

        diagnostics.AddRange(found);
        return tokenizer;
    }
}
