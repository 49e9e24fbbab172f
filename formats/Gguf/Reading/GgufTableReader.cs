using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf.Reading;

/// <summary>One row of the table of tensors, sound in itself.</summary>
internal sealed record GgufTableRow(string Name, GgmlLayout Layout, Shape Shape, long Offset, long ByteLength);

/// <summary>Reads the table of tensors: names, dimensions, types, and that each tensor lies behind the one before.</summary>
internal sealed class GgufTableReader(GgufCursor cursor, long? alignment)
{
    private const int MaxDims = GgufTensor.MaxRank;

    // A name with its length, the count of dimensions, the type and the offset.
    private const int LeastRow = 24;

    // A row takes some hundred bytes of memory.
    private const int MaxRows = 1 << 22;

    // Counts of rows up to this keep every product inside 128 bits.
    private static readonly UInt128 MaxLines = UInt128.One << 36;

    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly List<GgufTableRow> rows = [];

    // Where the next tensor must begin, or null where that is unknown.
    private long? next = 0;

    /// <summary>Reads as many rows, in the order of the file.</summary>
    public IReadOnlyList<GgufTableRow> Read(ulong count, long countOffset)
    {
        if (!cursor.Fits(count, LeastRow, "tensor_count", countOffset))
            return rows;
        if (count > MaxRows)
            cursor.Lose(BimbDiagnostics.TooManyValues, $"expected at most {MaxRows} tensors, found {count}", "tensor_count", countOffset);
        for (ulong i = 0; i < count && !cursor.IsLost; i++)
            ReadRow($"tensors[{i}]");
        return rows;
    }

    private void ReadRow(string path)
    {
        var start = cursor.Position;
        var name = cursor.Text(path + ".name", 1, GgufTensor.MaxNameBytes);
        if (name is not null && !names.Add(name))
            cursor.Report(BimbDiagnostics.DuplicateKey, "expected every name once, found this one twice", path + ".name", start, tensor: name);
        var shape = ReadDims(path, name);
        var layout = ReadLayout(path, name);
        var offset = cursor.Position;
        var begin = cursor.UInt64(path + ".offset");
        if (cursor.IsLost)
            return;
        if (next is { } expected && begin != (ulong)expected)
        {
            cursor.Report(BimbDiagnostics.DerivedValue, $"expected {expected}, behind the tensor before, found {begin}", path + ".offset", offset, tensor: name);
            begin = ulong.MaxValue;
        }

        next = null;
        if (layout is null || shape is null || Bytes(layout, shape, path, name, offset - sizeof(uint)) is not { } bytes || begin > long.MaxValue)
            return;
        next = End((long)begin, bytes, path, name, offset);
        if (name is not null && next is not null)
            rows.Add(new GgufTableRow(name, layout, shape, (long)begin, bytes));
    }

    /// <summary>The dimensions, outermost first; null where they are broken.</summary>
    private Shape? ReadDims(string path, string? name)
    {
        var offset = cursor.Position;
        var count = cursor.UInt32(path + ".dim_count");
        if (count > MaxDims)
            cursor.Lose(BimbDiagnostics.Unsupported, $"expected at most {MaxDims} dimensions{(name is null ? "" : $" of '{Printable.Name(name)}'")}, found {count}", path + ".dim_count", offset);
        if (!cursor.Fits(count, sizeof(ulong), path + ".dims", offset))
            return null;
        var dims = new long[count];
        UInt128 lines = 1;
        var valid = true;
        for (var i = 0; i < dims.Length; i++)
        {
            var at = cursor.Position;
            var dim = cursor.UInt64($"{path}.dims");
            if (dim > long.MaxValue)
                cursor.Report(BimbDiagnostics.Constraint, $"expected at most {long.MaxValue}, found {dim}", $"{path}.dims[{i}]", at, tensor: name);
            valid &= dim <= long.MaxValue && lines <= MaxLines;
            lines = lines <= MaxLines ? lines * dim : lines;
            dims[^(i + 1)] = unchecked((long)dim);
        }

        if (valid && Shape.TryCreate(dims, out var shape))
            return shape;
        if (!cursor.IsLost && dims.All(dim => dim >= 0))
            cursor.Report(BimbDiagnostics.Overflow, "expected a number of elements of 63 bits, found more", path + ".dims", offset, tensor: name);
        return null;
    }

    private GgmlLayout? ReadLayout(string path, string? name)
    {
        var offset = cursor.Position;
        var number = cursor.UInt32(path + ".type");
        if (cursor.IsLost)
            return null;
        if (GgmlLayout.Find(number) is { } layout)
            return layout;
        var known = string.Join(", ", GgmlLayout.All.Select(row => $"{row.Name} {row.Number}"));
        cursor.Report(BimbDiagnostics.Unsupported, $"expected one of the types {known}, found {number}", path + ".type", offset, "the type was removed from ggml or is newer than this tool: convert the checkpoint again", name);
        return null;
    }

    private long? Bytes(GgmlLayout layout, Shape shape, string path, string? name, long offset)
    {
        if (shape.Rank > 0 && shape[shape.Rank - 1] % layout.BlockElements != 0)
        {
            cursor.Report(BimbDiagnostics.Constraint, $"expected rows of whole blocks of {layout.BlockElements} elements for {layout.Name}, found {shape}", path + ".type", offset, tensor: name);
            return null;
        }

        var bytes = (UInt128)shape.Count / (uint)layout.BlockElements * (uint)layout.BlockBytes;
        if (bytes <= long.MaxValue)
            return (long)bytes;
        cursor.Report(BimbDiagnostics.Constraint, $"expected at most {long.MaxValue} bytes, found {bytes}", path + ".type", offset, tensor: name);
        return null;
    }

    /// <summary>Where the tensor behind this one begins; null where that is unknown or too far.</summary>
    private long? End(long begin, long bytes, string path, string? name, long offset)
    {
        if (alignment is not { } step)
            return null;
        var end = (((Int128)begin + bytes + step - 1) / step) * step;
        if (end <= long.MaxValue)
            return (long)end;
        cursor.Report(BimbDiagnostics.Truncated, $"expected the tensor inside the file, found {bytes} bytes from {begin} on", path + ".offset", offset, GgufCursor.Incomplete, name);
        return null;
    }
}
