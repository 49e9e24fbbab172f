using System.Buffers.Binary;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Tensors;

namespace BiMamba.Formats.Safetensors;

/// <summary>Opens one safetensors file: frame, header, layout.</summary>
internal static class SafetensorsFile
{
    /// <summary>Maps and checks a file. Null with diagnostics if it is refused.</summary>
    public static ArchiveFile? Open(string path, DiagnosticBag diagnostics)
    {
        if (FileMap.Open(path, diagnostics) is not { } map)
            return null;
        if (ReadHeader(map, diagnostics) is { } header && SafetensorsLayout.Check(map, header, diagnostics) is { } tensors)
            return new ArchiveFile(map, tensors);
        map.Dispose();
        return null;
    }

    /// <summary>Reads the header of a mapped file. Null with diagnostics if it is refused.</summary>
    public static SafetensorsHeader? ReadHeader(FileMap map, DiagnosticBag diagnostics)
    {
        var place = Place.OfFile(map.Path);
        if (map.Length < sizeof(ulong))
        {
            diagnostics.Add(SafetensorsDiagnostics.TooShort, $"expected at least 8 bytes, found {map.Length}", place, "the file is empty or truncated; download it again");
            return null;
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(map.Copy(0, sizeof(ulong)));
        if (length > SafetensorsHeader.MaxHeaderBytes)
        {
            diagnostics.Add(SafetensorsDiagnostics.HeaderTooLarge, $"expected a header of at most {SafetensorsHeader.MaxHeaderBytes} bytes, found a length of {length}", place with { Offset = 0 }, HintOf(map.Copy(0, sizeof(ulong))));
            return null;
        }

        if ((long)length > map.Length - sizeof(ulong))
        {
            diagnostics.Add(SafetensorsDiagnostics.HeaderPastEnd, $"expected {length} bytes of header, found {map.Length - sizeof(ulong)} behind the length", place with { Offset = 0 }, "the file is truncated; download it again");
            return null;
        }

        var header = map.Copy(sizeof(ulong), (int)length);
        var json = header.TrimEnd((byte)' ');
        if (json.Length < 2 || json[0] != '{' || json[^1] != '}')
        {
            ReportFrame(json, place, diagnostics);
            return null;
        }

        return new SafetensorsHeaderParser(map.Path).Parse(json, sizeof(ulong) + (long)length, diagnostics);
    }

    private static void ReportFrame(ReadOnlySpan<byte> json, Place place, DiagnosticBag diagnostics)
    {
        var (offset, found) = json switch
        {
            [] => (0, "no header"),
            [(byte)'{', .., var last] => (json.Length - 1, $"the byte {last:X2} at its end"),
            [var first, ..] => (0, $"the byte {first:X2} at its start"),
        };
        diagnostics.Add(SafetensorsDiagnostics.HeaderNotObject, $"expected a header from '{{' to '}}', then spaces only, found {found}", place with { Offset = sizeof(ulong) + offset }, SafetensorsHeader.WriteAgain);
    }

    private static string HintOf(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("PK"u8))
            return "this is a zip archive; a torch file is read under the name .bin, .pt or .pth";
        return start.SequenceEqual("version "u8)
            ? "this is a Git LFS pointer, not the file itself; run 'git lfs pull'"
            : "this is no safetensors file";
    }
}
