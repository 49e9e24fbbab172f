using System.Text;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Tokenizers.Json;

/// <summary>Collects what is wrong with one tokenizer.json.</summary>
/// <param name="file">The name of the file.</param>
internal sealed class JsonReport(string file)
{
    private const int MaxQuoted = 40;

    /// <summary>What was found so far.</summary>
    public DiagnosticBag Bag { get; } = new();

    /// <summary>True once an error was added.</summary>
    public bool HasErrors => Bag.HasErrors;

    /// <summary>Adds a diagnostic about a JSON path.</summary>
    public void Add(DiagnosticDescriptor descriptor, string path, string message, string? hint = null) =>
        Bag.Add(descriptor, message, new Place(file, Field: path.Length > 0 ? path : null), hint);

    /// <summary>A component or an option is not implemented.</summary>
    public void Unsupported(string path, string message) =>
        Add(TokenizerDiagnostics.UnsupportedComponent, path, message, "use a tokenizer.json of byte-level BPE (GPT-2, GPT-NeoX) or LLaMA style, or evaluate token ids instead of text");

    /// <summary>A field has another type than expected.</summary>
    public void WrongType(string path, string expected, JsonElement found) =>
        Add(TokenizerDiagnostics.WrongType, path, $"expected {expected}, found {Describe(found)}");

    /// <summary>A required field is absent or null.</summary>
    public void Missing(string path, string expected) =>
        Add(TokenizerDiagnostics.MissingField, path, $"expected {expected}, found nothing");

    /// <summary>A text from the file as a message shows it: short, in quotes, without control characters.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxQuoted)))
            quoted.Append(char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c);
        return quoted.Append(text.Length > MaxQuoted ? "'..." : "'").ToString();
    }

    /// <summary>The kind of a JSON value.</summary>
    public static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "the number " + Quote(element.GetRawText()).Trim('\''),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "null",
        _ => "nothing",
    };
}
