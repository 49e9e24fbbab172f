using System.Text.Json;
using BiMamba.Tokenizers.PreTokenizers;

namespace BiMamba.Tokenizers.Json;

/// <summary>Reads <c>pre_tokenizer</c>.</summary>
internal static class PreTokenizerReader
{
    /// <summary>
    /// The pre-tokenizer: <see cref="ByteLevelPreTokenizer"/>, or <see cref="WholePiece"/> for null. After an error
    /// whichever comes nearest.
    /// </summary>
    public static PreTokenizer Read(JsonElement? element, string path, JsonReport report)
    {
        PreTokenizer result = new WholePiece();
        foreach (var fields in ComponentList.Flatten(element, path, "pretokenizers", report))
        {
            if (fields.Type != "ByteLevel")
            {
                report.Unsupported(fields.Path, $"expected a pre-tokenizer ByteLevel, found {JsonReport.Quote(fields.Type!)}");
                continue;
            }

            if (result is ByteLevelPreTokenizer)
                report.Unsupported(fields.Path, "expected one pre-tokenizer ByteLevel, found a second one");
            fields.Expect("type", "add_prefix_space", "trim_offsets", "use_regex");
            _ = fields.Flag("trim_offsets", true);
            result = new ByteLevelPreTokenizer(fields.Flag("add_prefix_space", true), fields.Flag("use_regex", true));
        }

        return result;
    }
}
