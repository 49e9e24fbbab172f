using System.Text.Json;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Tokenizers.Json;

/// <summary>
/// The fields of one JSON object with a fixed set of names. Null counts as absent. A name outside the set is refused
/// where its value is not null: ignoring an option could change ids.
/// </summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> values = new(StringComparer.Ordinal);

    private JsonFields(string path, JsonReport report) => (Path, Report) = (path, report);

    /// <summary>Path of the object.</summary>
    public string Path { get; }

    /// <summary>Where errors go.</summary>
    public JsonReport Report { get; }

    /// <summary>The field <c>type</c>, if it is a string.</summary>
    public string? Type => Get("type") is { ValueKind: JsonValueKind.String } type ? type.GetString() : null;

    /// <summary>Opens an object; <see cref="Expect"/> checks its names.</summary>
    /// <returns>Null, and an error, where the element is not an object.</returns>
    public static JsonFields? Open(JsonElement element, string path, JsonReport report)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            report.WrongType(path, "an object", element);
            return null;
        }

        var fields = new JsonFields(path, report);
        foreach (var property in element.EnumerateObject())
        {
            if (!fields.values.TryAdd(property.Name, property.Value))
                report.Add(TokenizerDiagnostics.DuplicateKey, path, $"expected every key once, found {JsonReport.Quote(property.Name)} twice");
        }

        return fields;
    }

    /// <summary>Refuses every name but these.</summary>
    public void Expect(params string[] known)
    {
        foreach (var (name, value) in values)
        {
            if (value.ValueKind != JsonValueKind.Null && !known.Contains(name, StringComparer.Ordinal))
                Report.Unsupported(PathOf(name), $"expected no fields but {string.Join(", ", known)}, found another one with {JsonReport.Describe(value)}");
        }
    }

    /// <summary>A field, or null where it is absent or null.</summary>
    public JsonElement? Get(string name) =>
        values.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The path of a field.</summary>
    public string PathOf(string name)
    {
        var shown = name.Length <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : JsonReport.Quote(name);
        return Path.Length == 0 ? shown : $"{Path}.{shown}";
    }

    /// <summary>A field that must be there.</summary>
    public JsonElement? Require(string name, JsonValueKind kind, string expected)
    {
        if (Get(name) is not { } value)
            Report.Missing(PathOf(name), expected);
        else if (value.ValueKind != kind)
            Report.WrongType(PathOf(name), expected, value);
        else
            return value;
        return null;
    }

    /// <summary>A true-or-false field.</summary>
    public bool Flag(string name, bool absent)
    {
        if (Get(name) is not { } value)
            return absent;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Report.WrongType(PathOf(name), "true or false", value);
        return absent;
    }

    /// <summary>A string field, or null where it is absent.</summary>
    public string? Text(string name)
    {
        if (Get(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        Report.WrongType(PathOf(name), "a string", value);
        return null;
    }

    /// <summary>A whole number from 0 to a limit, or null, with an error, where it is absent or anything else.</summary>
    public int? Count(string name, int limit)
    {
        if (Require(name, JsonValueKind.Number, $"a whole number from 0 to {limit}") is not { } value)
            return null;
        if (value.TryGetInt32(out var number) && number >= 0 && number <= limit)
            return number;
        Report.Add(TokenizerDiagnostics.BadId, PathOf(name), $"expected a whole number from 0 to {limit}, found {JsonReport.Describe(value)}");
        return null;
    }
}
