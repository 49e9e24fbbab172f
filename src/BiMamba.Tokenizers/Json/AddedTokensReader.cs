using System.Text;
using System.Text.Json;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Tokenizers.Json;

/// <summary>Reads <c>added_tokens</c>.</summary>
internal static class AddedTokensReader
{
    /// <summary>The longest content, in bytes of UTF-8: the search costs up to this much for each byte of text.</summary>
    public const int MaxContent = 1024;

    /// <summary>The most that all contents have together, in bytes of UTF-8.</summary>
    public const int MaxTotal = 4 << 20;

    /// <summary>Reads the tokens into the vocabulary, which holds the model's tokens already.</summary>
    public static void Read(JsonElement? element, string path, Vocabulary vocabulary, JsonReport report)
    {
        if (element is not { } list)
            return;
        if (list.ValueKind != JsonValueKind.Array)
        {
            report.WrongType(path, "an array", list);
            return;
        }

        var (index, total) = (0, 0);
        foreach (var item in list.EnumerateArray())
        {
            var itemPath = $"{path}[{index++}]";
            if (ReadToken(item, itemPath, report) is not { } token || !Accept(token, itemPath, vocabulary, report))
                continue;
            vocabulary.Added.Add(token);
            total += Encoding.UTF8.GetByteCount(token.Content);
            if (total > MaxTotal)
            {
                report.Add(TokenizerDiagnostics.BadAddedToken, itemPath, $"expected at most {MaxTotal} bytes of added tokens together, found more");
                return;
            }
        }
    }

    private static AddedToken? ReadToken(JsonElement item, string path, JsonReport report)
    {
        if (JsonFields.Open(item, path, report) is not { } fields)
            return null;
        fields.Expect("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
        var id = fields.Count("id", Vocabulary.MaxIds - 1);
        var content = fields.Require("content", JsonValueKind.String, "a string")?.GetString();
        var special = fields.Flag("special", false);
        var token = new AddedToken(
            id ?? 0,
            content ?? "",
            special,
            fields.Flag("single_word", false),
            fields.Flag("lstrip", false),
            fields.Flag("rstrip", false),
            fields.Flag("normalized", !special));
        if (id is null || content is null)
            return null;
        var length = Encoding.UTF8.GetByteCount(content);
        if (length is > 0 and <= MaxContent)
            return token;
        report.Add(TokenizerDiagnostics.BadAddedToken, fields.PathOf("content"), $"expected 1 to {MaxContent} bytes of text, found {length}");
        return null;
    }

    private static bool Accept(AddedToken token, string path, Vocabulary vocabulary, JsonReport report)
    {
        if (vocabulary.ModelIds.TryGetValue(token.Content, out var modelId) && modelId != token.Id)
        {
            report.Add(TokenizerDiagnostics.DuplicateId, path + ".id", $"expected {modelId}, the id of {JsonReport.Quote(token.Content)} in model.vocab, found {token.Id}");
            return false;
        }

        if (!vocabulary.TryContent(token.Content))
        {
            report.Add(TokenizerDiagnostics.DuplicateId, path + ".content", $"expected every added token once, found {JsonReport.Quote(token.Content)} twice");
            return false;
        }

        if (vocabulary.TryName(token.Id, token.Content))
            return true;
        if (vocabulary.NameOf(token.Id) is var name && name == token.Content && modelId == token.Id && vocabulary.ModelIds.ContainsKey(name))
            return true;
        report.Add(TokenizerDiagnostics.DuplicateId, path + ".id", $"expected an id of its own for {JsonReport.Quote(token.Content)}, found {token.Id}, the id of {JsonReport.Quote(name ?? "")}");
        return false;
    }
}
