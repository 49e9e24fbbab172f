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
        var growth = new GrowthLimit();
        foreach (var fields in ComponentList.Flatten(element, path, "normalizers", report))
        {
            if (ReadStep(fields, growth) is { } step)
                steps.Add(step);
        }

        return steps;
    }

    private static Normalizer? ReadStep(JsonFields fields, GrowthLimit growth)
    {
        switch (fields.Type)
        {
            case "NFC":
                fields.Expect("type");
                return new NfcNormalizer();
            case "Prepend":
                fields.Expect("type", "prepend");
                var prefix = fields.Require("prepend", JsonValueKind.String, "a string")?.GetString();
                if (prefix is not null && Encoding.UTF8.GetByteCount(prefix) <= GrowthLimit.MaxPrefix)
                    return new PrependNormalizer(Encoding.UTF8.GetBytes(prefix));
                if (prefix is not null)
                    fields.Report.Unsupported(fields.PathOf("prepend"), $"expected at most {GrowthLimit.MaxPrefix} bytes, found more");
                return null;
            case "Replace":
                return PatternReader.Read(fields, growth) is var (pattern, content)
                    ? new ReplaceNormalizer(Encoding.UTF8.GetBytes(pattern), Encoding.UTF8.GetBytes(content))
                    : null;
            default:
                fields.Report.Unsupported(fields.Path, $"expected a normalizer NFC, Prepend, Replace or Sequence, found {JsonReport.Quote(fields.Type!)}");
                return null;
        }
    }
}
