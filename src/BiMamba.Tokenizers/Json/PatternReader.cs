using System.Text.Json;

namespace BiMamba.Tokenizers.Json;

/// <summary>Reads the pattern and the content of a <c>Replace</c> component.</summary>
internal static class PatternReader
{
    /// <summary>Reads both.</summary>
    /// <param name="fields">The component.</param>
    /// <param name="growth">Bounds the chain that the component belongs to.</param>
    /// <returns>Null where an error was reported.</returns>
    public static (string Pattern, string Content)? Read(JsonFields fields, GrowthLimit growth)
    {
        fields.Expect("type", "pattern", "content");
        var content = fields.Require("content", JsonValueKind.String, "a string")?.GetString();
        if (fields.Require("pattern", JsonValueKind.Object, "an object with the field String") is not { } element
            || JsonFields.Open(element, fields.PathOf("pattern"), fields.Report) is not { } pattern)
        {
            return null;
        }

        pattern.Expect("String");
        var text = pattern.Get("Regex") is null ? pattern.Require("String", JsonValueKind.String, "a string")?.GetString() : null;
        if (text is { Length: 0 })
            fields.Report.Unsupported(pattern.PathOf("String"), "expected a text of at least one character, found an empty one");
        return text is { Length: > 0 } && content is not null && growth.Add(text, content, fields) ? (text, content) : null;
    }
}
