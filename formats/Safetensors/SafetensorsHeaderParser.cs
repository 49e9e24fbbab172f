using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Tensors;

namespace BiMamba.Formats.Safetensors;

/// <summary>
/// Parses the JSON of a header. A streaming reader is used because a document model drops duplicate keys, which the
/// format forbids.
/// </summary>
internal sealed class SafetensorsHeaderParser(string path)
{
    private const int HeaderStart = sizeof(ulong);
    private const int MaxDepth = 8;
    private const int MaxNumberShown = 24;
    private const string Again = SafetensorsHeader.WriteAgain;

    private readonly DiagnosticBag found = new();
    private readonly List<HeaderEntry> entries = [];
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> metadata = new(StringComparer.Ordinal);

    /// <summary>Parses a header that starts with '{' and ends with '}'. Null with diagnostics if it is refused.</summary>
    public SafetensorsHeader? Parse(ReadOnlySpan<byte> json, long dataStart, DiagnosticBag diagnostics)
    {
        if (Utf8.IsValid(json))
            ReadHeader(json);
        else
            found.Add(SafetensorsDiagnostics.HeaderNotJson, "expected UTF-8, found another byte", new Place(path, Offset: HeaderStart + FirstBroken(json)), Again);
        diagnostics.AddRange(found);
        return found.HasErrors ? null : new SafetensorsHeader(metadata, entries, dataStart);
    }

    private void ReadHeader(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                ReadMember(ref reader);
            while (reader.Read())
            {
                // Reading to the end reports what follows the object.
            }
        }
        catch (JsonException e)
        {
            found.Add(SafetensorsDiagnostics.HeaderNotJson, $"expected JSON, found an error: {JsonStrings.Reason(e)}", new Place(path, Offset: HeaderStart + reader.BytesConsumed), Again);
        }
    }

    /// <summary>Where the first bytes are that are no UTF-8.</summary>
    private static int FirstBroken(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out var length) == OperationStatus.Done)
            at += length;
        return at;
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        var offset = HeaderStart + reader.TokenStartIndex;
        // An escape is at most six times as long as what it means, so nothing longer needs decoding to be refused.
        if (reader.ValueSpan.Length > 6 * SafetensorsHeader.MaxNameBytes)
        {
            found.Add(SafetensorsDiagnostics.BadName, $"expected a name of at most {SafetensorsHeader.MaxNameBytes} bytes, found {reader.ValueSpan.Length} bytes of JSON", new Place(path, Offset: offset), "give the tensor a shorter name");
            reader.Skip();
            return;
        }

        var name = JsonStrings.Text(ref reader);
        var place = new Place(path, Printable.Name(name), Offset: offset);
        if (!keys.Add(name))
            found.Add(SafetensorsDiagnostics.DuplicateKey, "expected each name once, found this one again", place, Again);
        reader.Read();
        if (string.Equals(name, SafetensorsHeader.MetadataKey, StringComparison.Ordinal))
            ReadMetadata(ref reader);
        else
            ReadTensor(ref reader, name, place);
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            found.Add(SafetensorsDiagnostics.BadMetadata, $"expected an object of strings, found {JsonStrings.Kind(reader.TokenType)}", new Place(path, Field: SafetensorsHeader.MetadataKey, Offset: HeaderStart + reader.TokenStartIndex), Again);
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = JsonStrings.Text(ref reader);
            var place = new Place(path, Field: $"{SafetensorsHeader.MetadataKey}.{Printable.Name(key)}", Offset: HeaderStart + reader.TokenStartIndex);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                found.Add(SafetensorsDiagnostics.BadMetadata, $"expected a string, found {JsonStrings.Kind(reader.TokenType)}", place, Again);
            else if (!metadata.TryAdd(key, JsonStrings.Text(ref reader)))
                found.Add(SafetensorsDiagnostics.DuplicateKey, "expected each key once, found this one again", place, Again);
            reader.Skip();
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name, Place place)
    {
        if (Encoding.UTF8.GetByteCount(name) > SafetensorsHeader.MaxNameBytes)
            found.Add(SafetensorsDiagnostics.BadName, $"expected a name of at most {SafetensorsHeader.MaxNameBytes} bytes, found {Encoding.UTF8.GetByteCount(name)}", place, "give the tensor a shorter name");
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            found.Add(SafetensorsDiagnostics.EntryKeys, $"expected an object with dtype, shape and data_offsets, found {JsonStrings.Kind(reader.TokenType)}", place, Again);
            reader.Skip();
            return;
        }

        var fields = new HashSet<string>(StringComparer.Ordinal);
        string? type = null;
        List<long>? shape = null;
        (long Begin, long End)? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = JsonStrings.Text(ref reader);
            if (!fields.Add(field))
                found.Add(SafetensorsDiagnostics.DuplicateKey, "expected each key once, found this one again", place with { Field = Printable.Name(field) }, Again);
            reader.Read();
            switch (field)
            {
                case "dtype": type = ReadType(ref reader, place); break;
                case "shape": shape = ReadShape(ref reader, place); break;
                case "data_offsets": offsets = ReadOffsets(ref reader, place); break;
                default:
                    found.Add(SafetensorsDiagnostics.EntryKeys, $"expected dtype, shape and data_offsets, found '{Printable.Name(field)}'", place, Again);
                    reader.Skip();
                    break;
            }
        }

        foreach (var field in (string[])["dtype", "shape", "data_offsets"])
        {
            if (!fields.Contains(field))
                found.Add(SafetensorsDiagnostics.EntryKeys, $"expected '{field}', found no such key", place, Again);
        }

        if (type is not null && shape is not null && offsets is { } range)
            entries.Add(new HeaderEntry(name, type, shape, range.Begin, range.End, place.Offset!.Value));
    }

    private string? ReadType(ref Utf8JsonReader reader, Place place)
    {
        if (reader.TokenType == JsonTokenType.String)
            return JsonStrings.Text(ref reader);
        found.Add(SafetensorsDiagnostics.EntryKeys, $"expected the name of an element type, found {JsonStrings.Kind(reader.TokenType)}", place with { Field = "dtype" }, Again);
        reader.Skip();
        return null;
    }

    private List<long>? ReadShape(ref Utf8JsonReader reader, Place place)
    {
        var dims = new List<long>();
        if (ReadIntegers(ref reader, dims, Shape.MaxRank, out var text))
            return dims;
        found.Add(SafetensorsDiagnostics.BadShape, $"expected a list of at most {Shape.MaxRank} integers from 0 that fit 63 bits, found {text}", place with { Field = "shape" }, Again);
        return null;
    }

    private (long Begin, long End)? ReadOffsets(ref Utf8JsonReader reader, Place place)
    {
        var values = new List<long>();
        if (ReadIntegers(ref reader, values, 2, out var text) && values.Count == 2 && values[0] <= values[1])
            return (values[0], values[1]);
        found.Add(SafetensorsDiagnostics.BadOffsets, $"expected two integers from 0, begin <= end, found {text}", place with { Field = "data_offsets" }, Again);
        return null;
    }

    /// <summary>Reads a list of non-negative integers to its end. False if it is something else or longer than the cap.</summary>
    private static bool ReadIntegers(ref Utf8JsonReader reader, List<long> values, int maxCount, out string text)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            text = JsonStrings.Kind(reader.TokenType);
            reader.Skip();
            return false;
        }

        var valid = true;
        var items = new List<string>();
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (++count <= Shape.MaxRank + 1)
                items.Add(reader.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(reader.ValueSpan.Length, MaxNumberShown)]) : JsonStrings.Kind(reader.TokenType));
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value >= 0 && values.Count < maxCount)
                values.Add(value);
            else
                valid = false;
            reader.Skip();
        }

        text = $"[{string.Join(',', items)}{(count > items.Count ? ",..." : "")}]";
        return valid;
    }
}
