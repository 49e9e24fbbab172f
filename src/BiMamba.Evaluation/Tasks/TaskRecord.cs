using System.Globalization;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation.Tasks;

/// <summary>The fields of one line of a file of questions. A field that is not as it is asked for gives null and an error.</summary>
public sealed class TaskRecord
{
    /// <summary>More choices are refused: each needs a state of its own.</summary>
    public const int MaxChoices = 32;

    private const int MaxShown = 60;

    private readonly string file;
    private readonly JsonElement fields;
    private readonly string prefix;
    private readonly DiagnosticBag diagnostics;

    internal TaskRecord(string file, int line, JsonElement fields, DiagnosticBag diagnostics, string prefix = "")
    {
        (this.file, Line, this.fields, this.diagnostics, this.prefix) = (file, line, fields, diagnostics, prefix);
    }

    /// <summary>The line, from 1.</summary>
    public int Line { get; }

    /// <summary>A text.</summary>
    public string? Text(string name)
    {
        const string Expected = "a text";
        if (Find(name, Expected) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        Fail(name, Expected, Describe(value));
        return null;
    }

    /// <summary>A list of 2 to <see cref="MaxChoices"/> texts.</summary>
    public IReadOnlyList<string>? Texts(string name)
    {
        var expected = string.Create(CultureInfo.InvariantCulture, $"a list of 2 to {MaxChoices} texts");
        if (Find(name, expected) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Array)
        {
            Fail(name, expected, Describe(value));
            return null;
        }

        if (value.GetArrayLength() is < 2 or > MaxChoices)
        {
            Fail(name, expected, string.Create(CultureInfo.InvariantCulture, $"{value.GetArrayLength()} values"));
            return null;
        }

        var texts = new List<string>();
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                Fail($"{name}[{texts.Count}]", "a text", Describe(item));
                return null;
            }

            texts.Add(item.GetString()!);
        }

        return texts;
    }

    /// <summary>An object.</summary>
    public TaskRecord? Inner(string name)
    {
        const string Expected = "an object";
        if (Find(name, Expected) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Object)
            return new TaskRecord(file, Line, value, diagnostics, $"{prefix}{name}.");
        Fail(name, Expected, Describe(value));
        return null;
    }

    /// <summary>A number of a choice, as a number or as a text; the first choice is 0 in the result.</summary>
    /// <param name="name">The field.</param>
    /// <param name="first">The number of the first choice.</param>
    /// <param name="count">The number of choices.</param>
    public int? Index(string name, int first, int count)
    {
        var expected = string.Create(CultureInfo.InvariantCulture, $"a whole number from {first} to {first + count - 1}");
        if (Find(name, expected) is not { } value)
            return null;
        if (Whole(value) is { } number && number >= first && number - first < count)
            return number - first;
        Fail(name, expected, Describe(value));
        return null;
    }

    /// <summary>A truth value, also as 1 or 0, in the first of two fields that is there.</summary>
    public bool? Truth(string name, string other)
    {
        const string Expected = "true or false, 1 or 0";
        if (!fields.TryGetProperty(name, out _) && fields.TryGetProperty(other, out _))
            name = other;
        if (Find(name, Expected) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        if (value.ValueKind == JsonValueKind.Number && Whole(value) is (0 or 1) and var number)
            return number == 1;
        Fail(name, Expected, Describe(value));
        return null;
    }

    /// <summary>Adds an error about a field.</summary>
    public void Fail(string name, string expected, string found) =>
        diagnostics.Add(RuntimeDiagnostics.TaskData, $"expected {expected}, found {found}", new Place(file, Field: prefix + name, Line: Line));

    private JsonElement? Find(string name, string expected)
    {
        if (fields.TryGetProperty(name, out var value))
            return value;
        Fail(name, expected, "no such field");
        return null;
    }

    private static int? Whole(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt32(out var number) ? number : null,
        JsonValueKind.String => int.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        _ => null,
    };

    private static string Describe(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Array => "a list",
            JsonValueKind.Object => "an object",
            JsonValueKind.String => $"'{value.GetString()}'",
            _ => value.GetRawText(),
        };
        return text.Length <= MaxShown ? text : text[..(char.IsHighSurrogate(text[MaxShown - 1]) ? MaxShown - 1 : MaxShown)] + "...";
    }
}
