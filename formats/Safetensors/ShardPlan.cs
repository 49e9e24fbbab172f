using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using BiMamba.Tensors;

namespace BiMamba.Formats.Safetensors;

/// <summary>One shard to write.</summary>
/// <param name="FileName">Its name in the folder.</param>
/// <param name="Tensors">Its tensors.</param>
internal sealed record Shard(string FileName, IReadOnlyList<KeyValuePair<string, Tensor>> Tensors);

/// <summary>Deals tensors to shards and writes the index of them.</summary>
internal static class ShardPlan
{
    /// <summary>The name of the index.</summary>
    public const string IndexName = "model.safetensors.index.json";

    /// <summary>Fills shards up to a limit in ordinal order of the names.</summary>
    public static IReadOnlyList<Shard> Deal(IReadOnlyList<KeyValuePair<string, Tensor>> tensors, long maxShardBytes)
    {
        var groups = new List<List<KeyValuePair<string, Tensor>>> { new() };
        long filled = 0;
        foreach (var pair in tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (groups[^1].Count > 0 && pair.Value.ByteLength > maxShardBytes - filled)
            {
                groups.Add([]);
                filled = 0;
            }

            groups[^1].Add(pair);
            filled += pair.Value.ByteLength;
        }

        return [.. groups.Select((group, i) => new Shard(NameOf(i, groups.Count), group))];
    }

    /// <summary>The JSON of the index: total size and the shard of each tensor in ordinal order.</summary>
    public static ReadOnlyMemory<byte> Index(IReadOnlyList<Shard> shards)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", shards.Sum(shard => shard.Tensors.Sum(pair => pair.Value.ByteLength)));
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            foreach (var shard in shards)
            {
                foreach (var (name, _) in shard.Tensors)
                    json.WriteString(name, shard.FileName);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static string NameOf(int index, int count) =>
        count == 1 ? "model.safetensors" : string.Create(CultureInfo.InvariantCulture, $"model-{index + 1:D5}-of-{count:D5}.safetensors");
}
