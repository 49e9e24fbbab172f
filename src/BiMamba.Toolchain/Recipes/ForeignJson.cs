using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace BiMamba.Toolchain.Recipes;

/// <summary>JSON that anybody may have written.</summary>
internal static class ForeignJson
{
    /// <summary>A document whose names and strings are all text, so that nothing that asks for them later can fail.</summary>
    /// <exception cref="JsonException">The bytes are no JSON, or a string of it is no Unicode.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw new JsonException("expected UTF-8, found other bytes");
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && reader.ValueIsEscaped)
                CheckText(ref reader);
        }

        reader = new Utf8JsonReader(json);
        return JsonElement.ParseValue(ref reader);
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte})"/>
    public static JsonElement Parse(string json) => Parse(Encoding.UTF8.GetBytes(json));

    private static void CheckText(ref Utf8JsonReader reader)
    {
        try
        {
            reader.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a string holds half of a surrogate pair", e);
        }
    }
}
