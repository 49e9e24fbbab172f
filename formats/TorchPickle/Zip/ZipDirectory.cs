using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Tensors;

namespace BiMamba.Formats.TorchPickle.Zip;

/// <summary>
/// The entries of a zip archive of stored files, so that they can be mapped in place. Anything that two readers of
/// zip could understand differently is refused: duplicate names, overlaps, bytes before the archive, local headers
/// that contradict the directory. Checksums are not compared, since torch can be told not to write them.
/// </summary>
/// <remarks>Source: APPNOTE.TXT of PKWARE, sections 4.3 and 4.5.3.</remarks>
internal static class ZipDirectory
{
    /// <summary>The most entries that are read.</summary>
    public const long MaxEntries = 1_000_000;

    /// <summary>The longest name in bytes.</summary>
    public const int MaxNameBytes = 1024;

    /// <summary>Reads the entries by name. Null with diagnostics if the archive is refused.</summary>
    public static IReadOnlyDictionary<string, ZipEntry>? Read(FileMap map, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        var entries = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        if (ZipEnd.Find(map, found) is { } end && CheckLimits(map, end, found))
        {
            ReadEntries(map, end, entries, found);
            CheckOverlaps(map, entries.Values, found);
        }

        diagnostics.AddRange(found);
        return found.HasErrors ? null : entries;
    }

    private static bool CheckLimits(FileMap map, ZipEnd end, DiagnosticBag found)
    {
        if (end.Entries > MaxEntries)
            found.Add(TorchDiagnostics.ZipLimit, $"expected at most {MaxEntries} entries, found {end.Entries}", Place.OfFile(map.Path), ZipRecords.Again);
        else if (end.DirectoryLength / ZipRecords.DirectoryEntryLength < end.Entries)
            found.Add(TorchDiagnostics.ZipDirectory, $"expected a directory of at least {ZipRecords.DirectoryEntryLength} bytes an entry, found {end.DirectoryLength} bytes for {end.Entries} entries", new Place(map.Path, Offset: end.DirectoryOffset), ZipRecords.Again);
        return !found.HasErrors;
    }

    private static void ReadEntries(FileMap map, ZipEnd end, Dictionary<string, ZipEntry> entries, DiagnosticBag found)
    {
        var position = end.DirectoryOffset;
        var directoryEnd = end.DirectoryOffset + end.DirectoryLength;
        for (long i = 0; i < end.Entries; i++)
        {
            if (ZipRecords.ReadEntry(map, ref position, directoryEnd, found) is not { } record)
                return;
            if (ZipRecords.Locate(map, record, end.DirectoryOffset, found) is not { } entry)
                continue;
            if (!entries.TryAdd(entry.Name, entry))
                found.Add(TorchDiagnostics.ZipDuplicate, $"expected each name once, found the entry '{Printable.Name(entry.Name)}' twice", new Place(map.Path, Offset: entry.HeaderOffset), ZipRecords.Again);
        }

        if (position != directoryEnd)
            found.Add(TorchDiagnostics.ZipDirectory, $"expected the directory to end at 0x{directoryEnd:X} after {end.Entries} entries, found its end at 0x{position:X}", new Place(map.Path, Offset: position), ZipRecords.Again);
    }

    private static void CheckOverlaps(FileMap map, IEnumerable<ZipEntry> entries, DiagnosticBag found)
    {
        ZipEntry? previous = null;
        foreach (var entry in entries.OrderBy(entry => entry.HeaderOffset).ThenBy(entry => entry.DataEnd))
        {
            if (previous is not null && entry.HeaderOffset < previous.DataEnd)
                found.Add(TorchDiagnostics.ZipOverlap, $"expected the entry '{Printable.Name(entry.Name)}' behind '{Printable.Name(previous.Name)}', which ends at 0x{previous.DataEnd:X}, found it at 0x{entry.HeaderOffset:X}", new Place(map.Path, Offset: entry.HeaderOffset), ZipRecords.Again);
            previous = previous is null || entry.DataEnd > previous.DataEnd ? entry : previous;
        }
    }
}
