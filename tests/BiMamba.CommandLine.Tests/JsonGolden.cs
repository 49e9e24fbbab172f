using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>
/// JSON of a command as a golden file. Counts, sizes and hashes stay as they are; fractions are measured and depend in
/// their last digits on the order of floating-point sums, so they are compared rounded to 4 decimals, and fractions
/// within texts are left out.
/// </summary>
internal static partial class JsonGolden
{
    private const int Decimals = 4;

    /// <summary>Compares the JSON of one run with <c>golden/cli/NAME.verified.json</c>.</summary>
    public static void Match(string name, string json, Workplace place)
    {
        var node = Round(JsonNode.Parse(json)!, place);
        var options = new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        Golden.Match(Repository.Golden("cli", name + ".verified.json"), node.ToJsonString(options) + "\n");
    }

    /// <summary>A text without the folders of this machine.</summary>
    public static string WithoutFolders(string text, Workplace place) => text
        .Replace(place.Path, "FOLDER", StringComparison.Ordinal)
        .Replace(Repository.Root, "REPOSITORY", StringComparison.Ordinal);

    private static JsonNode Round(JsonNode node, Workplace place)
    {
        switch (node)
        {
            case JsonObject row:
                return new JsonObject(row.Select(pair => KeyValuePair.Create(pair.Key, pair.Value is null ? null : Round(pair.Value, place))));
            case JsonArray list:
                return new JsonArray([.. list.Select(item => item is null ? null : Round(item, place))]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return JsonValue.Create(Measured().Replace(WithoutFolders(value.GetValue<string>(), place), "#"));
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number && !long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _):
                // Adding zero makes -0 a 0.
                return JsonValue.Create(Math.Round(value.GetValue<double>(), Decimals) + 0.0);
            default:
                return node.DeepClone();
        }
    }

    [GeneratedRegex(@"\d\.\de[-+]\d+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Measured();
}
