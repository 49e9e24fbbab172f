using System.Buffers;
using System.Globalization;
using System.Text.Json;
using BiMamba.Formats.Gguf;

namespace BiMamba.Frontend.Gguf;

/// <summary>The metadata of a GGUF file as values of a configuration, under the keys that the file has.</summary>
internal static class GgufKeys
{
    /// <summary>The key of the architecture.</summary>
    public const string Architecture = "general.architecture";

    /// <summary>The key of the tokens, in the order of their ids.</summary>
    public const string Tokens = "tokenizer.ggml.tokens";

    /// <summary>What follows the architecture in the key of the epsilon of all norms.</summary>
    public const string NormEps = ".attention.layer_norm_rms_epsilon";

    /// <summary>The key of the norms of dt, B and C, which FalconMamba has.</summary>
    public const string MixerNorms = "mamba.ssm.dt_b_c_rms";

    /// <summary>What follows the architecture in the key of the groups.</summary>
    public const string Groups = ".ssm.group_count";

    /// <summary>
    /// The keys of an architecture that hold one value, and the number of tokens under their key. A binary32 number
    /// becomes the shortest decimal that reads back, so that an epsilon is the one that was meant.
    /// </summary>
    public static Dictionary<string, JsonElement> Values(GgufFile file, string architecture)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in file.Metadata)
            {
                if (key == Tokens && value.AsArray() is { } tokens)
                    writer.WriteNumber(key, tokens.Count);
                else if (key.StartsWith(architecture + ".", StringComparison.Ordinal) && value.AsArray() is null)
                    Write(writer, key, value);
            }

            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.Clone(), StringComparer.Ordinal);
    }

    private static void Write(Utf8JsonWriter writer, string key, GgufValue value)
    {
        if (value.AsText() is { } text)
            writer.WriteString(key, text);
        else if (value.AsTruth() is { } truth)
            writer.WriteBoolean(key, truth);
        else if (value.AsInteger() is { } integer)
            writer.WriteNumber(key, integer);
        else if (value.AsNumber() is { } number && double.IsFinite(number))
            WriteNumber(writer, key, value.Type, number);
        else
            writer.WriteString(key, value.AsNumber()?.ToString(CultureInfo.InvariantCulture) ?? "");
    }

    private static void WriteNumber(Utf8JsonWriter writer, string key, GgufValueType type, double number)
    {
        if (type == GgufValueType.Float32)
            writer.WriteNumber(key, (float)number);
        else
            writer.WriteNumber(key, number);
    }
}
