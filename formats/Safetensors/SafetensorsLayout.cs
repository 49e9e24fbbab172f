using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Tensors;

namespace BiMamba.Formats.Safetensors;

/// <summary>
/// Checks a header against its file: types, shapes, sizes, and that the tensors fill the data from its first byte to
/// the last without hole or overlap.
/// </summary>
internal static class SafetensorsLayout
{
    /// <summary>The tensors of the file by name. Null with diagnostics if a rule is broken.</summary>
    public static IReadOnlyDictionary<string, Tensor>? Check(FileMap map, SafetensorsHeader header, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        var kinds = new List<(HeaderEntry Entry, ElementType Type, Shape Shape)>(header.Entries.Count);
        foreach (var entry in header.Entries)
        {
            if (CheckEntry(map.Path, entry, found) is var (type, shape))
                kinds.Add((entry, type, shape));
        }

        CheckFilled(map.Path, header, map.Length - header.DataStart, found);
        diagnostics.AddRange(found);
        if (found.HasErrors)
            return null;
        return kinds.ToDictionary(
            kind => kind.Entry.Name,
            Tensor (kind) => new MappedTensor(map, header.DataStart + kind.Entry.Begin, kind.Type, kind.Shape),
            StringComparer.Ordinal);
    }

    private static (ElementType Type, Shape Shape)? CheckEntry(string path, HeaderEntry entry, DiagnosticBag found)
    {
        var place = new Place(path, Printable.Name(entry.Name), Offset: entry.Offset);
        var hasShape = Shape.TryCreate([.. entry.Dims], out var shape);
        if (!hasShape)
            found.Add(SafetensorsDiagnostics.BadShape, $"expected fewer than 2^63 elements, found the shape [{string.Join(',', entry.Dims)}]", place with { Field = "shape" }, SafetensorsHeader.WriteAgain);
        if (!SafetensorsTypes.TryGet(entry.Type, out var type))
        {
            var what = SafetensorsTypes.IsKnown(entry.Type) ? "" : ", which the format does not have";
            found.Add(SafetensorsDiagnostics.UnsupportedType, $"expected a supported element type, found '{Printable.Name(entry.Type)}'{what}", place with { Field = "dtype" }, $"convert the tensor to one of {SafetensorsTypes.ReadableNames}");
            return null;
        }

        if (!hasShape)
            return null;
        if (shape.Count > long.MaxValue / type.Size())
        {
            found.Add(SafetensorsDiagnostics.BadShape, $"expected fewer than 2^63 bytes, found {shape} in {entry.Type}", place with { Field = "shape" }, SafetensorsHeader.WriteAgain);
            return null;
        }

        if (entry.End - entry.Begin != shape.Count * type.Size())
        {
            found.Add(SafetensorsDiagnostics.SizeMismatch, $"expected {shape.Count * type.Size()} bytes for {shape} in {entry.Type}, found {entry.End - entry.Begin}", place with { Field = "data_offsets" }, SafetensorsHeader.WriteAgain);
            return null;
        }

        return (type, shape);
    }

    private static void CheckFilled(string path, SafetensorsHeader header, long dataLength, DiagnosticBag found)
    {
        long position = 0;
        string? previous = null;
        foreach (var entry in header.Entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            var place = new Place(path, Printable.Name(entry.Name), "data_offsets", entry.Offset);
            if (entry.Begin > position)
                found.Add(SafetensorsDiagnostics.Hole, $"expected the tensor to begin at data byte {position}, where {Before(previous)}, found {entry.Begin}; the bytes between belong to no tensor", place, SafetensorsHeader.WriteAgain);
            else if (entry.Begin < position)
                found.Add(SafetensorsDiagnostics.Overlap, $"expected the tensor to begin at data byte {position}, where {Before(previous)}, found {entry.Begin}", place, SafetensorsHeader.WriteAgain);
            if (entry.End < position)
                continue;
            position = entry.End;
            previous = entry.Name;
        }

        if (position > dataLength)
            found.Add(SafetensorsDiagnostics.PastEnd, $"expected {position} bytes of data, found {dataLength}; the last tensor is '{Printable.Name(previous!)}'", new Place(path, Offset: header.DataStart), "the file is truncated; download it again");
        else if (position < dataLength)
            found.Add(SafetensorsDiagnostics.TrailingBytes, $"expected {position} bytes of data, which the tensors fill, found {dataLength}", new Place(path, Offset: header.DataStart + position), "something was appended to the file; download it again");
    }

    private static string Before(string? previous) => previous is null ? "the data begin" : $"'{Printable.Name(previous)}' ends";
}
