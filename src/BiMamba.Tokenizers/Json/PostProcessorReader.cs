using System.Text.Json;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Tokenizers.Json;

/// <summary>Reads <c>post_processor</c>: the ids before and after a text where special tokens are asked for.</summary>
internal static class PostProcessorReader
{
    /// <summary>The most ids that a template may add.</summary>
    public const int MaxIds = 1024;

    /// <summary>Reads the ids.</summary>
    public static (int[] Before, int[] After) Read(JsonElement? element, string path, Vocabulary vocabulary, JsonReport report)
    {
        var (before, after) = (new List<int>(), new List<int>());
        foreach (var fields in ComponentList.Flatten(element, path, "processors", report))
        {
            if (fields.Type == "ByteLevel")
            {
                // It moves offsets only, and ids have none.
                fields.Expect("type", "add_prefix_space", "trim_offsets", "use_regex");
            }
            else if (fields.Type == "TemplateProcessing")
            {
                ReadTemplate(fields, vocabulary, before, after);
            }
            else
            {
                report.Unsupported(fields.Path, $"expected a post-processor ByteLevel, TemplateProcessing or Sequence, found {JsonReport.Quote(fields.Type!)}");
            }
        }

        return ([.. before], [.. after]);
    }

    private static void ReadTemplate(JsonFields fields, Vocabulary vocabulary, List<int> before, List<int> after)
    {
        fields.Expect("type", "single", "pair", "special_tokens");
        if (fields.Require("single", JsonValueKind.Array, "an array of template pieces") is not { } single)
            return;
        var special = fields.Get("special_tokens") is { } element
            ? JsonFields.Open(element, fields.PathOf("special_tokens"), fields.Report)
            : null;
        var (index, texts) = (0, 0);
        var (first, last) = (new List<int>(), new List<int>());
        foreach (var item in single.EnumerateArray())
        {
            if (JsonFields.Open(item, $"{fields.PathOf("single")}[{index++}]", fields.Report) is not { } piece)
                continue;
            if (first.Count + last.Count > MaxIds)
                break;
            piece.Expect("SpecialToken", "Sequence");
            if (piece.Get("Sequence") is not null)
                texts++;
            else if (ReadSpecial(piece, special, vocabulary) is { } ids)
                (texts == 0 ? first : last).AddRange(ids);
        }

        if (texts != 1)
            fields.Report.Unsupported(fields.PathOf("single"), $"expected the text once, found it {texts} times");
        before.InsertRange(0, first);
        after.AddRange(last);
        if (before.Count + after.Count > MaxIds)
            fields.Report.Unsupported(fields.PathOf("single"), $"expected at most {MaxIds} special tokens, found {before.Count + after.Count}");
    }

    private static List<int>? ReadSpecial(JsonFields piece, JsonFields? special, Vocabulary vocabulary)
    {
        if (piece.Require("SpecialToken", JsonValueKind.Object, "an object SpecialToken or Sequence") is not { } element
            || JsonFields.Open(element, piece.PathOf("SpecialToken"), piece.Report) is not { } token
            || token.Require("id", JsonValueKind.String, "a string")?.GetString() is not { } name)
        {
            return null;
        }

        if (special?.Get(name) is not { } entry || JsonFields.Open(entry, special.PathOf(name), piece.Report) is not { } definition)
        {
            piece.Report.Add(TokenizerDiagnostics.UnknownToken, token.PathOf("id"), $"expected a name in special_tokens, found {JsonReport.Quote(name)}");
            return null;
        }

        if (definition.Require("ids", JsonValueKind.Array, "an array of ids") is not { } list)
            return null;
        var ids = new List<int>();
        foreach (var item in list.EnumerateArray().Take(MaxIds + 1))
        {
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && vocabulary.NameOf(id) is not null)
                ids.Add(id);
            else
                piece.Report.Add(TokenizerDiagnostics.UnknownToken, $"{definition.PathOf("ids")}[{ids.Count}]", $"expected the id of a token, found {JsonReport.Describe(item)}");
        }

        return ids;
    }
}
