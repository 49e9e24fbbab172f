using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;

namespace BiMamba.Frontend.Gguf;

/// <summary>What a token is, with its number in <c>tokenizer.ggml.token_type</c>.</summary>
/// <remarks>Source: enum llama_token_type of llama.h.</remarks>
internal enum GgufTokenType
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>What stands for text without token.</summary>
    Unknown = 2,

    /// <summary>A token that no text has.</summary>
    Control = 3,

    /// <summary>A text that is found before all others.</summary>
    UserDefined = 4,

    /// <summary>An id that no text has, which fills up rows.</summary>
    Unused = 5,

    /// <summary>A byte, written as <c>&lt;0x0A&gt;</c>.</summary>
    Byte = 6,
}

/// <summary>The vocabulary of a GGUF file: the keys that begin with <c>tokenizer.ggml.</c>, checked so far that they fit each other.</summary>
internal sealed class GgufVocabulary
{
    private const string Prefix = "tokenizer.ggml.";

    private readonly GgufFile file;
    private readonly DiagnosticBag diagnostics;

    private GgufVocabulary(GgufFile file, DiagnosticBag diagnostics)
    {
        this.file = file;
        this.diagnostics = diagnostics;
    }

    /// <summary>The tokens by id; different ones.</summary>
    public string[] Tokens { get; private set; } = [];

    /// <summary>The types by id; normal where the file has none.</summary>
    public GgufTokenType[] Types { get; private set; } = [];

    /// <summary>The merges, two tokens and a space between them, by rank; empty where the file has none.</summary>
    public string[] Merges { get; private set; } = [];

    /// <summary>The scores by id, or null where the file has none.</summary>
    public double[]? Scores { get; private set; }

    /// <summary>Reads the vocabulary of a file that has one. Null with <see cref="GgufDiagnostics.Tokenizer"/> where it cannot be used.</summary>
    public static GgufVocabulary? Read(GgufFile file, DiagnosticBag diagnostics)
    {
        var result = new GgufVocabulary(file, diagnostics);
        return result.ReadTokens() && result.ReadTypes() && result.ReadMerges() && result.ReadScores() ? result : null;
    }

    /// <summary>The text of a key, or null.</summary>
    public string? Text(string key) => file.Find(Prefix + key)?.AsText();

    /// <summary>The truth value of a key, or the default.</summary>
    public bool Truth(string key, bool fallback) => file.Find(Prefix + key)?.AsTruth() ?? fallback;

    /// <summary>The id under a key, or the default; null where it is not the id of a token.</summary>
    public int? Id(string key, int? fallback) =>
        (file.Find(Prefix + key)?.AsInteger() ?? fallback) is { } id && id >= 0 && id < Tokens.Length ? (int)id : null;

    /// <summary>Says why the vocabulary is not used.</summary>
    public void Refuse(string key, string message) => Refuse(file, Prefix + key, message, diagnostics);

    /// <summary>Says why the vocabulary of a file is not used.</summary>
    public static void Refuse(GgufFile file, string key, string message, DiagnosticBag diagnostics) =>
        diagnostics.Add(GgufDiagnostics.Tokenizer, message, new Place(file.Path, Field: key), "token ids can be used as they are; --tokenizer names a tokenizer.json");

    private bool ReadTokens()
    {
        if (Array("tokens", GgufValueType.String) is not { } tokens)
            return false;
        Tokens = [.. tokens.Select(token => token.AsText()!)];
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < Tokens.Length; id++)
        {
            if (seen.TryAdd(Tokens[id], id))
                continue;
            Refuse("tokens", $"expected every token once, found that of {seen[Tokens[id]]} again as {id}");
            return false;
        }

        return true;
    }

    private bool ReadTypes()
    {
        Types = [.. Enumerable.Repeat(GgufTokenType.Normal, Tokens.Length)];
        if (file.Find(Prefix + "token_type") is null)
            return true;
        if (Array("token_type", GgufValueType.Int32) is not { } types || !HasTokenCount("token_type", types))
            return false;
        for (var id = 0; id < Types.Length; id++)
        {
            Types[id] = (GgufTokenType)types[id].AsInteger()!.Value;
            if (Enum.IsDefined(Types[id]))
                continue;
            Refuse("token_type", $"expected types from 1 to 6, found {types[id].AsInteger()} of token {id}");
            return false;
        }

        return true;
    }

    private bool ReadMerges()
    {
        if (file.Find(Prefix + "merges") is null)
            return true;
        if (Array("merges", GgufValueType.String) is not { } merges)
            return false;
        Merges = [.. merges.Select(merge => merge.AsText()!)];
        return true;
    }

    private bool ReadScores()
    {
        if (file.Find(Prefix + "scores") is null)
            return true;
        if (Array("scores", GgufValueType.Float32) is not { } scores || !HasTokenCount("scores", scores))
            return false;
        Scores = [.. scores.Select(score => score.AsNumber()!.Value)];
        return true;
    }

    private bool HasTokenCount(string key, GgufArray items)
    {
        if (items.Count == Tokens.Length)
            return true;
        Refuse(key, $"expected {Tokens.Length}, as there are tokens, found {items.Count}");
        return false;
    }

    private GgufArray? Array(string key, GgufValueType type)
    {
        var value = file.Find(Prefix + key);
        if (value?.AsArray() is { } items && (items.ItemType == type || items.Count == 0))
            return items;
        Refuse(key, $"expected an array of {type.ToString().ToLowerInvariant()}, found {(value is null ? "no such key" : value.AsArray() is { } other ? "one of " + other.ItemType.ToString().ToLowerInvariant() : value.Type.ToString().ToLowerInvariant())}");
        return null;
    }
}
