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

    /// <summary>The reason of an exception without the position that the library appends.</summary>
    public static string Reason(JsonException e)
    {
        var position = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (position < 0 ? e.Message : e.Message[..position]).TrimEnd('.');
    }
}
