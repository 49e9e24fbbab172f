using System.Text.Json;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Tokenizers.Json;

/// <summary>The model of a file as read, before it is known whether its symbols are bytes or characters.</summary>
/// <param name="Merges">The merges by rank.</param>
/// <param name="Unknown">The unknown token, or null.</param>
/// <param name="FuseUnknown">Neighbouring unknowns become one.</param>
/// <param name="ByteFallback">Characters without symbol become bytes.</param>
/// <param name="IgnoreMerges">A word that is a token stays whole.</param>
internal sealed record BpeSettings(
    IReadOnlyList<(int Left, int Right, int Made)> Merges,
    string? Unknown,
    bool FuseUnknown,
    bool ByteFallback,
    bool IgnoreMerges);

/// <summary>Reads <c>model</c>.</summary>
internal static class BpeModelReader
{
    /// <summary>Reads the model; its tokens go to the vocabulary.</summary>
    /// <returns>Null where an error was reported that leaves no model.</returns>
    public static BpeSettings? Read(JsonElement element, string path, Vocabulary vocabulary, JsonReport report)
    {
        var fields = JsonFields.Open(element, path, report);
        if (fields is null)
            return null;

        // Old files name no type; only BPE has merges.
        if (fields.Type != "BPE" && !(fields.Get("type") is null && fields.Get("merges") is not null))
        {
            report.Unsupported(fields.PathOf("type"), $"expected BPE, found {JsonReport.Quote(fields.Type ?? "")}");
            return null;
        }

        fields.Expect(
            "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
            "byte_fallback", "ignore_merges", "vocab", "merges");
        RefuseOptions(fields);
        var unknown = fields.Text("unk_token");
        var (fuse, fallback, ignore) = (fields.Flag("fuse_unk", false), fields.Flag("byte_fallback", false), fields.Flag("ignore_merges", false));
        if (fields.Require("vocab", JsonValueKind.Object, "an object of tokens and ids") is { } vocab)
            ReadVocabulary(vocab, fields.PathOf("vocab"), vocabulary, report);
        if (fields.Require("merges", JsonValueKind.Array, "an array of pairs of tokens") is not { } list || report.HasErrors)
            return null;
        return new BpeSettings(ReadMerges(list, fields.PathOf("merges"), vocabulary, report), unknown, fuse, fallback, ignore);
    }

    private static void RefuseOptions(JsonFields fields)
    {
        if (fields.Get("dropout") is { } dropout && !(dropout.ValueKind == JsonValueKind.Number && dropout.TryGetDouble(out var rate) && rate == 0))
            fields.Report.Unsupported(fields.PathOf("dropout"), $"expected null or 0, found {JsonReport.Describe(dropout)}: random merges have no place in an evaluation");
        foreach (var name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (fields.Text(name) is { Length: > 0 } text)
                fields.Report.Unsupported(fields.PathOf(name), $"expected null or an empty string, found {JsonReport.Quote(text)}");
        }
    }

    private static void ReadVocabulary(JsonElement vocab, string path, Vocabulary vocabulary, JsonReport report)
    {
        foreach (var property in vocab.EnumerateObject())
        {
            var token = property.Name;
            if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out var id) || id is < 0 or >= Vocabulary.MaxIds)
                report.Add(TokenizerDiagnostics.BadId, Entry(path, token), $"expected a whole number from 0 to {Vocabulary.MaxIds - 1}, found {JsonReport.Describe(property.Value)}");
            else if (!vocabulary.ModelIds.TryAdd(token, id))
                report.Add(TokenizerDiagnostics.DuplicateKey, Entry(path, token), $"expected every token once, found {JsonReport.Quote(token)} twice");
            else if (!vocabulary.TryName(id, token))
                report.Add(TokenizerDiagnostics.DuplicateId, Entry(path, token), $"expected an id of its own, found {id}, the id of {JsonReport.Quote(vocabulary.NameOf(id) ?? "")}");
        }
    }

    private static List<(int Left, int Right, int Made)> ReadMerges(JsonElement list, string path, Vocabulary vocabulary, JsonReport report)
    {
        var merges = new List<(int, int, int)>(list.GetArrayLength());
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (TryPair(item, out var left, out var right))
            {
                if (FindMerge(left, right, $"{path}[", index, vocabulary, report) is { } merge)
                    merges.Add(merge);
            }
            else
            {
                report.Add(TokenizerDiagnostics.BadMerge, $"{path}[{index}]", $"expected [\"a\", \"b\"] or \"a b\", found {JsonReport.Describe(item)}");
            }

            index++;
        }

        return merges;
    }

    private static bool TryPair(JsonElement item, out string left, out string right)
    {
        (left, right) = ("", "");
        if (item.ValueKind == JsonValueKind.String)
        {
            var text = item.GetString()!;
            var space = text.IndexOf(' ');
            if (space < 0 || text.IndexOf(' ', space + 1) >= 0)
                return false;
            (left, right) = (text[..space], text[(space + 1)..]);
        }
        else if (item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2
            && item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.String)
        {
            (left, right) = (item[0].GetString()!, item[1].GetString()!);
        }

        return left.Length > 0 && right.Length > 0;
    }

    private static (int Left, int Right, int Made)? FindMerge(string left, string right, string prefix, int index, Vocabulary vocabulary, JsonReport report)
    {
        var ids = vocabulary.ModelIds;
        if (ids.TryGetValue(left, out var leftId) && ids.TryGetValue(right, out var rightId) && ids.TryGetValue(left + right, out var made))
            return (leftId, rightId, made);
        var lacking = !ids.ContainsKey(left) ? left : !ids.ContainsKey(right) ? right : left + right;
        report.Add(TokenizerDiagnostics.MergeUnknownToken, $"{prefix}{index}]", $"expected a token of model.vocab, found {JsonReport.Quote(lacking)}");
        return null;
    }

    private static string Entry(string path, string token) => $"{path}[{JsonReport.Quote(token)}]";
}
