using System.Text.Json;

namespace BiMamba.Formats.Common;

/// <summary>Reads JSON strings of untrusted files.</summary>
internal static class JsonStrings
{
    /// <summary>The string or property name that the reader stands on.</summary>
    /// <exception cref="JsonException">The string escapes half of a surrogate pair.</exception>
    public static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // The reader checks escapes of surrogates only here and blames the caller for them.
            throw new JsonException("a string holds half of a surrogate pair", e);
        }
    }

    /// <summary>The reason of an exception without the position and the advice to programmers that the library appends.</summary>
    public static string Reason(JsonException e)
    {
        var reason = e.Message;
        foreach (var end in (string[])[" LineNumber:", " which is not supported in this mode", " Change the reader options"])
            reason = reason.IndexOf(end, StringComparison.Ordinal) is >= 0 and var at ? reason[..at] : reason;
        return reason.TrimEnd('.');
    }

    /// <summary>What a value is, as a message says it.</summary>
    public static string Kind(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => "null",
    };
}
