using System.Text;
using System.Text.Json;
using BiMamba.Tokenizers.Normalizers;

namespace BiMamba.Tokenizers.Json;

/// <summary>Reads <c>normalizer</c>.</summary>
internal static class NormalizerReader
{
    /// <summary>The steps in order; none for null.</summary>
    public static List<Normalizer> Read(JsonElement? element, string path, JsonReport report)
    {
        var steps = new List<Normalizer>();
        foreach (var fields in ComponentList.Flatten(element, path, "normalizers", report))
        {
            if (ReadStep(fields) is { } step)
                steps.Add(step);
        }

        return steps;
    }

    private static Normalizer? ReadStep(JsonFields fields)
    {
        switch (fields.Type)
        {
            case "NFC":
                fields.Expect("type");
                return new NfcNormalizer();
            case "Prepend":
                fields.Expect("type", "prepend");
                var prefix = fields.Require("prepend", JsonValueKind.String, "a string")?.GetString();
                return prefix is null ? null : new PrependNormalizer(Encoding.UTF8.GetBytes(prefix));
            case "Replace":
                return PatternReader.Read(fields) is var (pattern, content)
                    ? new ReplaceNormalizer(Encoding.UTF8.GetBytes(pattern), Encoding.UTF8.GetBytes(content))
                    : null;
            default:
                fields.Report.Unsupported(fields.Path, $"expected a normalizer NFC, Prepend, Replace or Sequence, found {JsonReport.Quote(fields.Type!)}");
                return null;
        }
    }
}
