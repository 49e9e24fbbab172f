using System.Globalization;
using System.Text.Json;

namespace BiMamba.CommandLine.Cards;

/// <summary>An object of foreign JSON. What a required field lacks goes to the problems, and a value of its type is given instead.</summary>
internal sealed class CardFields
{
    private const int HashDigits = 64;

    private readonly JsonElement root;
    private readonly string path;
    private readonly List<string> problems;

    private CardFields(JsonElement root, string path, List<string> problems)
    {
        this.root = root;
        this.path = path;
        this.problems = problems;
        if (root.ValueKind != JsonValueKind.Object)
            problems.Add($"{(path.Length == 0 ? "the document" : path)}: expected an object, found {Describe(root)}");
    }

    /// <summary>The first thing that is wrong, or null.</summary>
    public string? Problem => problems.Count > 0 ? problems[0] : null;

    /// <summary>The fields of a document, which must outlive them.</summary>
    public static CardFields Of(JsonElement root) => new(root, "", []);

    /// <summary>True where a field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A text.</summary>
    public string Text(string name) => TextOrNull(name) ?? Missing(name, "a text", "");

    /// <summary>A text, or null where the field is absent or null.</summary>
    public string? TextOrNull(string name)
    {
        if (Find(name) is not { } value)
            return null;
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : Wrong<string?>(name, "a text", value, "");
        }
        catch (InvalidOperationException)
        {
            // JSON can name halves of characters, which are no text.
            return Wrong<string?>(name, "a text of Unicode", value, "");
        }
    }

    /// <summary>A SHA-256.</summary>
    public string Hash(string name) => HashOrNull(name) ?? Missing(name, "a SHA-256", "");

    /// <summary>A SHA-256, or null where the field is absent or null.</summary>
    public string? HashOrNull(string name)
    {
        var text = TextOrNull(name);
        if (text is null || (text.Length == HashDigits && text.All(char.IsAsciiHexDigitLower)))
            return text;
        return Wrong<string?>(name, "64 lower-case hexadecimal digits", Find(name)!.Value, "");
    }

    /// <summary>A number.</summary>
    public double Number(string name) => NumberOrNull(name) ?? Missing(name, "a number", 0.0);

    /// <summary>A number, or null where the field is absent or null; NaN and Infinity are written as texts.</summary>
    public double? NumberOrNull(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number))
            return number;
        return value.ValueKind != JsonValueKind.String ? Wrong<double?>(name, "a number", value, 0) : TextOrNull(name) switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => Wrong<double?>(name, "a number", value, 0),
        };
    }

    /// <summary>A whole number of at least 0.</summary>
    public long Whole(string name) => WholeOrNull(name) ?? Missing(name, "a whole number", 0L);

    /// <summary>A whole number of at least 0, or null where the field is absent or null.</summary>
    public long? WholeOrNull(string name)
    {
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : Wrong<long?>(name, "a whole number", value, 0);
    }

    /// <summary>True or false.</summary>
    public bool Truth(string name) => Find(name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : Missing(name, "true or false", false);

    /// <summary>An object.</summary>
    public CardFields Object(string name) => ObjectOrNull(name) ?? new CardFields(default, Path(name), problems);

    /// <summary>An object, or null where the field is absent or null.</summary>
    public CardFields? ObjectOrNull(string name) => Find(name) is { } value ? new CardFields(value, Path(name), problems) : null;

    /// <summary>The objects of a list.</summary>
    public IReadOnlyList<CardFields> List(string name)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Array } value)
            return Missing<IReadOnlyList<CardFields>>(name, "a list", []);
        return [.. value.EnumerateArray().Select((item, i) => new CardFields(item, string.Create(CultureInfo.InvariantCulture, $"{Path(name)}[{i}]"), problems))];
    }

    /// <summary>Adds a problem of a field.</summary>
    public void Add(string name, string problem) => problems.Add($"{Path(name)}: {problem}");

    private JsonElement? Find(string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private string Path(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private T Missing<T>(string name, string expected, T instead)
    {
        problems.Add($"{Path(name)}: expected {expected}, found {(Find(name) is { } value ? Describe(value) : "nothing")}");
        return instead;
    }

    private T Wrong<T>(string name, string expected, JsonElement value, T instead)
    {
        problems.Add($"{Path(name)}: expected {expected}, found {Describe(value)}");
        return instead;
    }

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Null or JsonValueKind.Undefined => "nothing",
        _ => throw new InvalidOperationException($"unknown kind {value.ValueKind}"),
    };
}
