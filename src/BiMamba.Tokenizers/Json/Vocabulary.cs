namespace BiMamba.Tokenizers.Json;

/// <summary>The tokens of a file while it is read: those of the model and the added ones.</summary>
internal sealed class Vocabulary
{
    /// <summary>Ids are below this.</summary>
    public const int MaxIds = 1 << 24;

    private readonly Dictionary<int, string> names = [];
    private readonly HashSet<string> addedContents = new(StringComparer.Ordinal);

    /// <summary>The model's tokens.</summary>
    public Dictionary<string, int> ModelIds { get; } = new(StringComparer.Ordinal);

    /// <summary>The added tokens.</summary>
    public List<AddedToken> Added { get; } = [];

    /// <summary>The token of an id, or null.</summary>
    public string? NameOf(int id) => names.GetValueOrDefault(id);

    /// <summary>Notes the content of an added token; false where another one has it.</summary>
    public bool TryContent(string content) => addedContents.Add(content);

    /// <summary>Gives an id a name; false where it has one.</summary>
    public bool TryName(int id, string token) => names.TryAdd(id, token);

    /// <summary>Every id and its decoded bytes. Added tokens are text, the others as the decoder says.</summary>
    public Dictionary<int, byte[]> Decode(Decoders.TokenDecoder decoder)
    {
        var bytes = new Dictionary<int, byte[]>();
        foreach (var (token, id) in ModelIds)
            bytes[id] = decoder.Decode(token);
        foreach (var token in Added)
            bytes[token.Id] = System.Text.Encoding.UTF8.GetBytes(token.Content);
        return bytes;
    }
}
