using System.Text;
using System.Text.Json;

namespace BiMamba.Fuzz.Tests.Mutation;

/// <summary>A JSON value as it is written: keys can stand twice, and a scalar is any text.</summary>
internal sealed class JsonTree
{
    private JsonTree(char kind) => Kind = kind;

    /// <summary><c>{</c>, <c>[</c>, or <c>s</c> for a scalar.</summary>
    public char Kind { get; }

    /// <summary>The text of a scalar.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Members of an object, with their keys as they are written.</summary>
    public List<(string Key, JsonTree Value)> Members { get; } = [];

    /// <summary>Elements of a list.</summary>
    public List<JsonTree> Items { get; } = [];

    /// <summary>A scalar of a text.</summary>
    public static JsonTree Scalar(string text) => new('s') { Text = text };

    /// <summary>The tree of a document.</summary>
    public static JsonTree Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return Of(document.RootElement);
    }

    /// <summary>The value and all values in it, outer ones first.</summary>
    public IEnumerable<JsonTree> All() => Members.Select(member => member.Value).Concat(Items).SelectMany(child => child.All()).Prepend(this);

    /// <summary>A copy of the value and all values in it.</summary>
    public JsonTree Copy()
    {
        var copy = new JsonTree(Kind) { Text = Text };
        copy.Members.AddRange(Members.Select(member => (member.Key, member.Value.Copy())));
        copy.Items.AddRange(Items.Select(item => item.Copy()));
        return copy;
    }

    /// <summary>The document.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        Append(text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text);
        return text.ToString();
    }

    private void Append(StringBuilder text)
    {
        if (Kind == 's')
        {
            text.Append(Text);
            return;
        }

        text.Append(Kind);
        for (var i = 0; i < Members.Count + Items.Count; i++)
        {
            if (i > 0)
                text.Append(',');
            if (Kind == '{')
                text.Append(Members[i].Key).Append(':');
            (Kind == '{' ? Members[i].Value : Items[i]).Append(text);
        }

        text.Append(Kind == '{' ? '}' : ']');
    }

    private static JsonTree Of(JsonElement element)
    {
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            return Scalar(element.GetRawText());
        var tree = new JsonTree(element.ValueKind == JsonValueKind.Object ? '{' : '[');
        if (tree.Kind == '[')
            tree.Items.AddRange(element.EnumerateArray().Select(Of));
        else
            tree.Members.AddRange(element.EnumerateObject().Select(property => (JsonSerializer.Serialize(property.Name, Strings.Default.String), Of(property.Value))));
        return tree;
    }
}

/// <summary>How strings are written.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class Strings : System.Text.Json.Serialization.JsonSerializerContext;
