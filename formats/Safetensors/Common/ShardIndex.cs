using System.Text.Json;
using System.Text.Unicode;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Formats.Common;

/// <summary>The index of a sharded checkpoint: <c>*.index.json</c> as the Hugging Face libraries write it.</summary>
/// <param name="WeightMap">Shard file name of each tensor, in ordinal order of the tensor names.</param>
/// <param name="TotalSize">The declared bytes of all tensors, if declared.</param>
internal sealed record ShardIndex(SortedDictionary<string, string> WeightMap, long? TotalSize)
{
    /// <summary>The largest index that is read.</summary>
    public const int MaxBytes = 100_000_000;

    private const int MaxDepth = 16;

    /// <summary>Reads and checks an index. Null with diagnostics if it is refused.</summary>
    public static ShardIndex? Read(string path, DiagnosticBag diagnostics)
    {
        using var map = FileMap.Open(path, diagnostics);
        if (map is null)
            return null;
        if (map.Length > MaxBytes)
        {
            diagnostics.Add(SafetensorsDiagnostics.IndexTooLarge, $"expected at most {MaxBytes} bytes, found {map.Length}", Place.OfFile(path), "this is no index of a checkpoint; download the file again");
            return null;
        }

        return new Parser(path).Parse(map.Span(0, (int)map.Length), diagnostics);
    }

    /// <summary>True for a name that can only mean a file in the folder of the index.</summary>
    public static bool IsPlainName(string name) =>
        name.Length is > 0 and <= 255 && name is not ("." or "..") && !name.Any(c => c is '/' or '\\' or ':' || char.IsControl(c));

    private sealed class Parser(string path)
    {
        private const string Again = "download the file again, or write the checkpoint again with its index";

        private readonly SortedDictionary<string, string> weights = new(StringComparer.Ordinal);
        private readonly DiagnosticBag found = new();
        private long? totalSize;

        public ShardIndex? Parse(ReadOnlySpan<byte> json, DiagnosticBag diagnostics)
        {
            if (Utf8.IsValid(json))
                ReadDocument(json);
            else
                found.Add(SafetensorsDiagnostics.IndexNotJson, "expected UTF-8, found other bytes", Place.OfFile(path), Again);
            diagnostics.AddRange(found);
            return found.HasErrors ? null : new ShardIndex(weights, totalSize);
        }

        private void ReadDocument(ReadOnlySpan<byte> json)
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            try
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    ReadRoot(ref reader);
                else
                    Form(null, $"expected an object, found {JsonStrings.Kind(reader.TokenType)}");
                while (reader.Read())
                {
                    // Reading to the end reports what follows the value.
                }
            }
            catch (JsonException e)
            {
                var place = new Place(path, Line: (int?)e.LineNumber + 1, Column: (int?)e.BytePositionInLine + 1);
                found.Add(SafetensorsDiagnostics.IndexNotJson, $"expected JSON, found an error: {JsonStrings.Reason(e)}", place, Again);
            }
        }

        private void ReadRoot(ref Utf8JsonReader reader)
        {
            var keys = new HashSet<string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = JsonStrings.Text(ref reader);
                if (!keys.Add(key))
                    Duplicate(key);
                reader.Read();
                if (key is not ("weight_map" or "metadata"))
                    reader.Skip();
                else if (reader.TokenType != JsonTokenType.StartObject)
                    Form(key, $"expected an object, found {JsonStrings.Kind(reader.TokenType)}");
                else if (string.Equals(key, "metadata", StringComparison.Ordinal))
                    ReadMetadata(ref reader);
                else
                    ReadWeightMap(ref reader);
            }

            if (!keys.Contains("weight_map"))
                Form("weight_map", "expected a map from tensor names to file names, found no such key");
        }

        private void ReadMetadata(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isSize = reader.ValueTextEquals("total_size");
                reader.Read();
                // Some writers give a float here; it only confirms, so a form without a whole number is passed over.
                if (isSize && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var size) && size is >= 0 and < 9e15)
                    totalSize = reader.TryGetInt64(out var whole) ? whole : (long)size;
                reader.Skip();
            }
        }

        private void ReadWeightMap(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonStrings.Text(ref reader);
                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                {
                    Form("weight_map." + Printable.Name(name), $"expected a file name, found {JsonStrings.Kind(reader.TokenType)}");
                    reader.Skip();
                    continue;
                }

                var shard = JsonStrings.Text(ref reader);
                if (!weights.TryAdd(name, shard))
                    Duplicate("weight_map." + name);
                if (!IsPlainName(shard))
                    found.Add(SafetensorsDiagnostics.IndexShardName, $"expected a plain file name, found '{Printable.Name(shard)}'", new Place(path, Printable.Name(name)), "a shard lies in the folder of its index");
            }
        }

        private void Form(string? field, string message) =>
            found.Add(SafetensorsDiagnostics.IndexForm, message, new Place(path, Field: field), Again);

        private void Duplicate(string key) =>
            found.Add(SafetensorsDiagnostics.IndexDuplicateKey, $"expected each key once, found '{Printable.Name(key)}' twice", Place.OfFile(path), Again);
    }
}
