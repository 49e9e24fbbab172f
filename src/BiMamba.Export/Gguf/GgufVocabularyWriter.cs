using System.Globalization;
using System.Text;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;
using BiMamba.Frontend.Gguf;
using BiMamba.Tokenizers;
using BiMamba.Tokenizers.Decoders;

namespace BiMamba.Export.Gguf;

/// <summary>A tokenizer as metadata of a GGUF file, and the whole tokenizer.json beside it.</summary>
/// <remarks>Source: docs/gguf.md of ggml, llama-vocab.cpp and gguf-py/gguf/vocab.py of llama.cpp.</remarks>
internal static class GgufVocabularyWriter
{
    /// <summary>The pairs; none, with a warning, where there is no tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer, or null.</param>
    /// <param name="rows">Tokens of the file, which are the rows of the embedding.</param>
    /// <param name="file">The model as messages name it.</param>
    /// <param name="diagnostics">Receives <see cref="ExportDiagnostics.Tokenizer"/>.</param>
    public static IEnumerable<KeyValuePair<string, GgufValue>> Of(Tokenizer? tokenizer, int rows, string file, DiagnosticBag diagnostics)
    {
        switch (tokenizer)
        {
            case null:
                diagnostics.Add(ExportDiagnostics.Tokenizer, "expected a tokenizer, found none: programs around llama.cpp do not load a model without one", Place.OfFile(file), "pass --tokenizer tokenizer.json, or the word bytes");
                return [];
            case BytesTokenizer:
                return Pairs("gpt2", rows, id => id < 256 ? (ByteAlphabet.CharacterOf((byte)id).ToString(), GgufTokenType.Normal) : null, [new("tokenizer.ggml.pre", "gpt-2"), new("tokenizer.ggml.merges", GgufValue.Strings([])), new("tokenizer.ggml.add_bos_token", false)]);
            default:
                using (var json = JsonDocument.Parse(tokenizer.Source))
                    return [.. OfJson(tokenizer, json.RootElement, rows, file, diagnostics)];
        }
    }

    private static IEnumerable<KeyValuePair<string, GgufValue>> OfJson(Tokenizer tokenizer, JsonElement json, int rows, string file, DiagnosticBag diagnostics)
    {
        var isByteLevel = tokenizer.Kind == BpeTokenizer.ByteLevelKind;
        var model = json.GetProperty("model");
        var tokens = model.GetProperty("vocab").EnumerateObject().ToDictionary(pair => pair.Value.GetInt32(), pair => (Text: pair.Name, Kind: isByteLevel ? GgufTokenType.Normal : KindOf(pair.Name, model)));
        foreach (var added in tokenizer.AddedTokens)
            tokens[added.Id] = (added.Content, tokens.TryGetValue(added.Id, out var known) && known.Kind == GgufTokenType.Unknown ? GgufTokenType.Unknown : added.Special ? GgufTokenType.Control : GgufTokenType.UserDefined);
        var merges = model.GetProperty("merges").EnumerateArray().Select(Merge).ToList();
        if (rows < tokenizer.VocabularySize)
            diagnostics.Add(ExportDiagnostics.Tokenizer, $"expected at most {rows} tokens, as the embedding has rows, found {tokenizer.VocabularySize}", Place.OfFile(file), "the tokenizer is that of another model");
        var rest = new List<KeyValuePair<string, GgufValue>>();
        if (isByteLevel)
        {
            rest.Add(new("tokenizer.ggml.pre", "gpt-2"));
            rest.Add(new("tokenizer.ggml.merges", GgufValue.Strings(merges.Select(merge => $"{merge.Left} {merge.Right}"))));
            WarnOfNormalizer(json, file, diagnostics);
        }
        else
        {
            rest.Add(new("tokenizer.ggml.scores", GgufValue.Floats(Scores(tokens, merges, rows))));
            rest.Add(new("tokenizer.ggml.add_space_prefix", Prepends(json.GetProperty("normalizer"))));
        }

        rest.AddRange(Special(tokenizer, model, tokens.ToDictionary(pair => pair.Value.Text, pair => pair.Key, StringComparer.Ordinal)));
        rest.Add(new("tokenizer.huggingface.json", Encoding.UTF8.GetString(tokenizer.Source.Span)));
        return Pairs(isByteLevel ? "gpt2" : "llama", rows, id => tokens.TryGetValue(id, out var token) ? token : null, rest);
    }

    private static IEnumerable<KeyValuePair<string, GgufValue>> Pairs(string model, int rows, Func<int, (string Text, GgufTokenType Kind)?> token, IEnumerable<KeyValuePair<string, GgufValue>> rest)
    {
        // Rows without a token pad the embedding; every row needs a name of its own.
        (string Text, GgufTokenType Kind)[] tokens = [.. Enumerable.Range(0, rows).Select(id => token(id) ?? (string.Create(CultureInfo.InvariantCulture, $"[PAD{id}]"), GgufTokenType.Unused))];
        return
        [
            new("tokenizer.ggml.model", model),
            new("tokenizer.ggml.tokens", GgufValue.Strings(tokens.Select(item => item.Text))),
            new("tokenizer.ggml.token_type", GgufValue.Integers(tokens.Select(item => (int)item.Kind))),
            .. rest,
        ];
    }

    private static IEnumerable<KeyValuePair<string, GgufValue>> Special(Tokenizer tokenizer, JsonElement model, Dictionary<string, int> ids)
    {
        if ((tokenizer.BeginOfTextId ?? tokenizer.EndOfTextId) is { } begin)
            yield return new("tokenizer.ggml.bos_token_id", (uint)begin);
        if (tokenizer.EndOfTextId is { } end)
            yield return new("tokenizer.ggml.eos_token_id", (uint)end);
        if (model.TryGetProperty("unk_token", out var name) && name.GetString() is { } unknown && ids.TryGetValue(unknown, out var id))
            yield return new("tokenizer.ggml.unknown_token_id", (uint)id);
        yield return new("tokenizer.ggml.add_bos_token", tokenizer.BeginOfTextId is not null);
    }

    private static GgufTokenType KindOf(string token, JsonElement model) =>
        model.TryGetProperty("unk_token", out var unknown) && unknown.GetString() == token ? GgufTokenType.Unknown
        : token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>' ? GgufTokenType.Byte
        : GgufTokenType.Normal;

    private static (string Left, string Right) Merge(JsonElement merge)
    {
        if (merge.ValueKind == JsonValueKind.Array)
            return (merge[0].GetString()!, merge[1].GetString()!);
        var text = merge.GetString()!;
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return (text[..space], text[(space + 1)..]);
    }

    /// <summary>
    /// llama.cpp merges the pair whose token has the highest score, the leftmost of equal ones: the score of a token is
    /// minus the rank of the first merge that makes it.
    /// </summary>
    private static IEnumerable<float> Scores(Dictionary<int, (string Text, GgufTokenType Kind)> tokens, IReadOnlyList<(string Left, string Right)> merges, int rows)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var rank = 0; rank < merges.Count; rank++)
            ranks.TryAdd(merges[rank].Left + merges[rank].Right, rank);
        return Enumerable.Range(0, rows).Select(id => tokens.TryGetValue(id, out var token) && token.Kind == GgufTokenType.Normal ? -(float)ranks.GetValueOrDefault(token.Text, merges.Count) : 0);
    }

    private static void WarnOfNormalizer(JsonElement json, string file, DiagnosticBag diagnostics)
    {
        if (json.TryGetProperty("normalizer", out var normalizer) && normalizer.ValueKind != JsonValueKind.Null)
            diagnostics.Add(ExportDiagnostics.Tokenizer, "llama.cpp does not normalize text before a byte-level BPE, as the tokenizer of this model does: text that is not in normal form gets other ids", Place.OfFile(file));
        if (Has(json.GetProperty("pre_tokenizer"), "use_regex", JsonValueKind.False) || Has(json.GetProperty("pre_tokenizer"), "add_prefix_space", JsonValueKind.True))
            diagnostics.Add(ExportDiagnostics.Tokenizer, "llama.cpp splits text by the expression of GPT-2 without a space before it, the tokenizer of this model otherwise", Place.OfFile(file));
    }

    private static bool Prepends(JsonElement normalizer) => normalizer.ValueKind switch
    {
        JsonValueKind.Object => normalizer.EnumerateObject().Any(pair => pair.Value.ValueKind == JsonValueKind.String ? pair.Value.ValueEquals("Prepend") : Prepends(pair.Value)),
        JsonValueKind.Array => normalizer.EnumerateArray().Any(Prepends),
        _ => false,
    };

    /// <summary>True where a component, or one inside it, sets a flag.</summary>
    private static bool Has(JsonElement element, string flag, JsonValueKind value) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(pair => (pair.NameEquals(flag) && pair.Value.ValueKind == value) || Has(pair.Value, flag, value)),
        JsonValueKind.Array => element.EnumerateArray().Any(item => Has(item, flag, value)),
        _ => false,
    };
}
