using System.Buffers.Binary;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Formats.TorchPickle.Zip;

/// <summary>What the records at the end of an archive say about its directory, which lies inside the file.</summary>
/// <param name="Entries">Number of entries.</param>
/// <param name="DirectoryOffset">Byte offset of the directory.</param>
/// <param name="DirectoryLength">Bytes of the directory.</param>
internal sealed record ZipEnd(long Entries, long DirectoryOffset, long DirectoryLength)
{
    private const uint EndSignature = 0x06054b50;
    private const uint LocatorSignature = 0x07064b50;
    private const uint End64Signature = 0x06064b50;
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int End64Length = 56;
    private const string Whole = "expected an archive in one file, found one of several";

    /// <summary>Finds and checks the end records. Null with a diagnostic if there is no consistent set of them.</summary>
    public static ZipEnd? Find(FileMap map, DiagnosticBag diagnostics)
    {
        if (FindEndRecord(map) is not { } position)
        {
            diagnostics.Add(TorchDiagnostics.ZipDirectory, "expected the end record of a zip archive, found none", new Place(map.Path, Offset: map.Length), "the file is truncated, or something was appended to it; download it again");
            return null;
        }

        var record = map.Copy(position, EndLength);
        var isZip64 = position >= LocatorLength && BinaryPrimitives.ReadUInt32LittleEndian(map.Copy(position - LocatorLength, 4)) == LocatorSignature;
        if (record[4..8].ContainsAnyExcept((byte)0) || !record[8..10].SequenceEqual(record[10..12]))
            return Refuse(map, position, Whole, diagnostics);
        var end = new ZipEnd(
            BinaryPrimitives.ReadUInt16LittleEndian(record[10..]),
            BinaryPrimitives.ReadUInt32LittleEndian(record[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(record[12..]));
        if (!isZip64)
            return CheckDirectory(map, end, position, diagnostics);
        return FindZip64(map, end, position - LocatorLength, diagnostics);
    }

    private static long? FindEndRecord(FileMap map)
    {
        if (map.Length < EndLength)
            return null;
        var length = (int)Math.Min(map.Length, EndLength + ushort.MaxValue);
        var tail = map.Copy(map.Length - length, length);
        for (var i = length - EndLength; i >= 0; i--)
        {
            // The comment must reach the end of the file, so that a comment cannot pretend to be a record.
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail[i..]) == EndSignature
                && BinaryPrimitives.ReadUInt16LittleEndian(tail[(i + 20)..]) == length - i - EndLength)
                return map.Length - length + i;
        }

        return null;
    }

    private static ZipEnd? FindZip64(FileMap map, ZipEnd classic, long locator, DiagnosticBag diagnostics)
    {
        var record = map.Copy(locator, LocatorLength);
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) != 0 || BinaryPrimitives.ReadUInt32LittleEndian(record[16..]) > 1)
            return Refuse(map, locator, Whole, diagnostics);
        if (locator < End64Length || offset > (ulong)(locator - End64Length))
            return Refuse(map, locator, $"expected a zip64 end record before 0x{locator:X}, found the offset 0x{offset:X}", diagnostics);
        var position = (long)offset;
        record = map.Copy(position, End64Length);
        var size = BinaryPrimitives.ReadUInt64LittleEndian(record[4..]);
        var entries = BinaryPrimitives.ReadUInt64LittleEndian(record[32..]);
        var directoryLength = BinaryPrimitives.ReadUInt64LittleEndian(record[40..]);
        var directoryOffset = BinaryPrimitives.ReadUInt64LittleEndian(record[48..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != End64Signature || size != (ulong)(locator - position - 12))
            return Refuse(map, position, "expected a zip64 end record, found other bytes or another size", diagnostics);
        if (record[16..24].ContainsAnyExcept((byte)0) || !record[24..32].SequenceEqual(record[32..40]))
            return Refuse(map, position, Whole, diagnostics);
        if (!Agrees(classic.Entries, ushort.MaxValue, entries)
            || !Agrees(classic.DirectoryLength, uint.MaxValue, directoryLength)
            || !Agrees(classic.DirectoryOffset, uint.MaxValue, directoryOffset))
            return Refuse(map, position, "expected the same numbers in both end records, found others", diagnostics);
        if (entries > long.MaxValue || directoryLength > (ulong)map.Length || directoryOffset > (ulong)map.Length)
            return Refuse(map, position, $"expected a directory inside the {map.Length} bytes of the file, found {directoryLength} bytes at 0x{directoryOffset:X}", diagnostics);
        return CheckDirectory(map, new ZipEnd((long)entries, (long)directoryOffset, (long)directoryLength), position, diagnostics);
    }

    private static bool Agrees(long classic, long saturated, ulong zip64) => classic == saturated || (ulong)classic == zip64;

    private static ZipEnd? CheckDirectory(FileMap map, ZipEnd end, long position, DiagnosticBag diagnostics) =>
        end.DirectoryOffset + end.DirectoryLength == position
            ? end
            : Refuse(map, position, $"expected a directory that ends here, found one of {end.DirectoryLength} bytes at 0x{end.DirectoryOffset:X}", diagnostics);

    private static ZipEnd? Refuse(FileMap map, long offset, string message, DiagnosticBag diagnostics)
    {
        diagnostics.Add(TorchDiagnostics.ZipDirectory, message, new Place(map.Path, Offset: offset), ZipRecords.Again);
        return null;
    }
}
