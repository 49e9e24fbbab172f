using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace BiMamba.FileTests.Cases;

/// <summary>
/// What is measured in the output of a command. Counts, sizes and hashes stay as they are; fractions depend in their last
/// digits on the order of floating-point sums and are rounded to 4 decimals, numbers with an exponent and times are left out.
/// </summary>
internal static partial class CaseNormalization
{
    private const int Decimals = 4;

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A text with its measured numbers made equal on all machines.</summary>
    public static string Text(string text)
    {
        text = Exponent().Replace(text, "#");
        text = Duration().Replace(text, "# ${unit}");
        return LongFraction().Replace(text, match => double.Parse(match.Value, CultureInfo.InvariantCulture).ToString("F4", CultureInfo.InvariantCulture));
    }

    /// <summary>A JSON document with its measured numbers made equal on all machines, indented.</summary>
    /// <param name="json">The document.</param>
    /// <param name="scrub">What is done with every text in it.</param>
    public static string Json(string json, Func<string, string> scrub) => Round(JsonNode.Parse(json)!, scrub).ToJsonString(Indented) + "\n";

    /// <summary>A text with slashes in the paths that begin with a name such as $TMP.</summary>
    public static string WithSlashes(string text) => NamedPath().Replace(text, match => match.Value.Replace('\\', '/'));

    private static JsonNode Round(JsonNode node, Func<string, string> scrub) => node switch
    {
        JsonObject row => new JsonObject(row.Select(pair => KeyValuePair.Create(pair.Key, pair.Value is null ? null : Round(pair.Value, scrub)))),
        JsonArray list => new JsonArray([.. list.Select(item => item is null ? null : Round(item, scrub))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(Text(scrub(value.GetValue<string>()))),
        // Adding zero makes -0 a 0.
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && !IsWhole(value) => JsonValue.Create(Math.Round(value.GetValue<double>(), Decimals) + 0.0),
        _ => node.DeepClone(),
    };

    private static bool IsWhole(JsonValue value) => long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    [GeneratedRegex(@"(?<![\w.])-?\d\.\d+e[-+]\d+\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Exponent();

    [GeneratedRegex(@"(?<![\w.])\d+(\.\d+)? (?<unit>ms|s|min|tokens/s)(?!\w)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Duration();

    [GeneratedRegex(@"(?<![\w.])-?\d+\.\d{5,}(?![\w.])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex LongFraction();

    [GeneratedRegex(@"\$(TMP|MODELS|TEXT|GOLDEN|ROOT)[^\s:'""]*", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamedPath();
}
