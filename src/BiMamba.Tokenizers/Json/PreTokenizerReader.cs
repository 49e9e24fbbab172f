using System.Text.Json;
using BiMamba.Tokenizers.PreTokenizers;

namespace BiMamba.Tokenizers.Json;

/// <summary>Reads <c>pre_tokenizer</c>.</summary>
internal static class PreTokenizerReader
{
    /// <summary>
    /// The pre-tokenizer, or null where the file has none.
    /// </summary>
    public static ByteLevelPreTokenizer? Read(JsonElement? element, string path, JsonReport report)
    {
        ByteLevelPreTokenizer? result = null;
        foreach (var fields in ComponentList.Flatten(element, path, "pretokenizers", report))
        {
            if (fields.Type != "ByteLevel")
            {
                report.Unsupported(fields.Path, $"expected a pre-tokenizer ByteLevel, found {JsonReport.Quote(fields.Type!)}");
                continue;
            }

            if (result is not null)
                report.Unsupported(fields.Path, "expected one pre-tokenizer ByteLevel, found a second one");
            fields.Expect("type", "add_prefix_space", "trim_offsets", "use_regex");
            _ = fields.Flag("trim_offsets", true);
            result = new ByteLevelPreTokenizer(fields.Flag("add_prefix_space", true), fields.Flag("use_regex", true));
        }

        return result;
    }
}
