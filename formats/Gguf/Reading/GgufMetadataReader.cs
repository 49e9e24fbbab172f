using System.Text.Unicode;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Gguf.Reading;

/// <summary>Reads the key-value pairs of a file.</summary>
internal sealed class GgufMetadataReader(GgufCursor cursor)
{
    private const string AlignmentKey = "general.alignment";
    private const int MaxKeyBytes = 65_535;
    private const int MaxNesting = 4;

    // A value of its own takes some hundred bytes of memory, a string of an array eight.
    private const int MaxValues = 1 << 22;
    private const int MaxTexts = 1 << 26;

    // A key with its length, the type and a value of one byte.
    private const int LeastPair = 13;

    private readonly HashSet<string> keys = new(StringComparer.Ordinal);
    private readonly List<KeyValuePair<string, GgufValue>> pairs = [];
    private int budget = MaxValues;

    /// <summary>The alignment of the tensors, or null where the file states one that cannot be.</summary>
    public long? Alignment { get; private set; } = GgufHeader.Alignment;

    /// <summary>Reads as many pairs, in the order of the file.</summary>
    public IReadOnlyList<KeyValuePair<string, GgufValue>> Read(ulong count, long countOffset)
    {
        if (!cursor.Fits(count, LeastPair, "pair_count", countOffset))
            return pairs;
        for (ulong i = 0; i < count && !cursor.IsLost; i++)
            ReadPair($"metadata[{i}]");
        return pairs;
    }

    private void ReadPair(string path)
    {
        var start = cursor.Position;
        var key = cursor.Text(path + ".key", 1, MaxKeyBytes);
        if (ReadType(key ?? path + ".type") is not { } type)
            return;
        var offset = cursor.Position;
        var value = ReadValue(type, key ?? path + ".value", 1);
        if (key is null || value is null)
            return;
        if (!keys.Add(key))
        {
            cursor.Report(BimbDiagnostics.DuplicateKey, $"expected every key once, found '{key}' twice", key, start);
            return;
        }

        if (key == AlignmentKey)
            SetAlignment(value, offset);
        pairs.Add(new(key, value));
    }

    private void SetAlignment(GgufValue value, long offset)
    {
        Alignment = value.Type == GgufValueType.UInt32 && value.AsInteger() is { } number && number >= 8 && long.IsPow2(number) ? number : null;
        if (Alignment is null)
            cursor.Report(BimbDiagnostics.Constraint, $"expected a power of two from 8, of type uint32, found {value.AsInteger()?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no integer"} of type {Name(value.Type)}", AlignmentKey, offset);
    }

    private GgufValueType? ReadType(string field)
    {
        var offset = cursor.Position;
        var number = cursor.UInt32(field);
        if (cursor.IsLost)
            return null;
        if (number <= (uint)GgufValueType.Float64)
            return (GgufValueType)number;
        cursor.Lose(BimbDiagnostics.Unsupported, $"expected a type of values from 0 (uint8) to 12 (float64), found {number}", field, offset);
        return null;
    }

    /// <summary>A value, or null where it is broken.</summary>
    private GgufValue? ReadValue(GgufValueType type, string field, int depth)
    {
        if (--budget < 0)
        {
            cursor.Lose(BimbDiagnostics.TooManyValues, $"expected at most {MaxValues} values, found more", field, cursor.Position);
            return null;
        }

        var offset = cursor.Position;
        switch (type)
        {
            case GgufValueType.String:
                return cursor.Text(field) is { } text ? (GgufValue)text : null;
            case GgufValueType.Array:
                return ReadArray(field, depth) is { } items ? GgufValue.Of(items) : null;
            default:
                if (!cursor.Take(GgufArray.SizeOf(type), field, out var bytes))
                    return null;
                return type == GgufValueType.Bool && !IsTruth(bytes, field, offset) ? null : GgufArray.Scalar(type, bytes);
        }
    }

    private GgufArray? ReadArray(string field, int depth)
    {
        if (depth > MaxNesting)
        {
            cursor.Lose(BimbDiagnostics.Constraint, $"expected at most {MaxNesting} arrays inside one another, found more", field, cursor.Position);
            return null;
        }

        if (ReadType(field) is not { } type)
            return null;
        var offset = cursor.Position;
        var count = cursor.UInt64(field);
        // An array in an array has its own type and count, a string its length.
        var least = type switch { GgufValueType.String => 8, GgufValueType.Array => 12, _ => GgufArray.SizeOf(type) };
        if (!cursor.Fits(count, least, field, offset))
            return null;
        var most = type switch { GgufValueType.String => MaxTexts, GgufValueType.Array => budget, _ => int.MaxValue };
        if (count > (ulong)most)
        {
            cursor.Lose(BimbDiagnostics.TooManyValues, $"expected at most {most} elements, found {count}", field, offset);
            return null;
        }

        return type switch
        {
            GgufValueType.String => ReadTexts((int)count, field),
            GgufValueType.Array => ReadArrays((int)count, field, depth),
            _ => ReadScalars(type, (int)count, field),
        };
    }

    private GgufArray.Scalars? ReadScalars(GgufValueType type, int count, string field)
    {
        var start = cursor.Position;
        cursor.Position += (long)count * GgufArray.SizeOf(type);
        return type == GgufValueType.Bool && !IsTruth(cursor.Map.Copy(start, count), field, start) ? null : new GgufArray.Scalars(cursor.Map, start, type, count);
    }

    private GgufArray.Texts? ReadTexts(int count, string field)
    {
        var offsets = new long[count];
        var valid = true;
        for (var i = 0; i < count; i++)
        {
            offsets[i] = cursor.Position;
            var bytes = cursor.TextBytes(field);
            if (cursor.IsLost)
                return null;
            if (Utf8.IsValid(bytes))
                continue;
            cursor.NotUtf8($"{field}[{i}]", offsets[i]);
            valid = false;
        }

        return valid ? new GgufArray.Texts(cursor.Map, offsets) : null;
    }

    private GgufArray.Held? ReadArrays(int count, string field, int depth)
    {
        var items = new List<GgufValue>();
        for (var i = 0; i < count && !cursor.IsLost; i++)
        {
            if (ReadValue(GgufValueType.Array, $"{field}[{i}]", depth + 1) is { } item)
                items.Add(item);
        }

        return items.Count == count ? new GgufArray.Held(GgufValueType.Array, [.. items]) : null;
    }

    private bool IsTruth(ReadOnlySpan<byte> bytes, string field, long offset)
    {
        var bad = bytes.IndexOfAnyExceptInRange((byte)0, (byte)1);
        if (bad >= 0)
            cursor.Report(BimbDiagnostics.UnknownWord, $"expected a bool of 0 or 1, found {bytes[bad]}", field, offset + bad);
        return bad < 0;
    }

    private static string Name(GgufValueType type) => type.ToString().ToLowerInvariant();
}
