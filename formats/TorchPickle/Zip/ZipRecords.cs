using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Tensors;

namespace BiMamba.Formats.TorchPickle.Zip;

/// <summary>A directory record, not yet checked against the local header.</summary>
internal sealed record ZipRecord(string Name, int Flags, int Method, ulong Compressed, ulong Length, ulong HeaderOffset, long Offset);

/// <summary>Reads the records of a zip directory and the local headers they point to.</summary>
internal static class ZipRecords
{
    /// <summary>Bytes of a directory record without its variable parts.</summary>
    public const int DirectoryEntryLength = 46;

    /// <summary>What helps where an archive contradicts itself.</summary>
    public const string Again = "the file is damaged or torch.save did not write it; download or save it again";

    private const int LocalHeaderLength = 30;
    private const uint DirectorySignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int EncryptedFlags = 1 | (1 << 6) | (1 << 13);
    private const int DescriptorFlag = 1 << 3;
    private const int Zip64Extra = 1;

    /// <summary>Reads the record at a position and moves behind it. Null with a diagnostic if the rest of the directory cannot be read.</summary>
    public static ZipRecord? ReadEntry(FileMap map, ref long position, long end, DiagnosticBag found)
    {
        var start = position;
        if (end - start < DirectoryEntryLength)
            return RefuseDirectory(map, start, "expected a whole directory record, found the end of the directory inside it", found);
        var fixedPart = map.Copy(start, DirectoryEntryLength);
        if (BinaryPrimitives.ReadUInt32LittleEndian(fixedPart) != DirectorySignature)
            return RefuseDirectory(map, start, "expected a directory record, found other bytes", found);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[28..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[30..]);
        int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[32..]);
        if (end - start - DirectoryEntryLength < nameLength + extraLength + commentLength)
            return RefuseDirectory(map, start, "expected a whole directory record, found the end of the directory inside it", found);
        position = start + DirectoryEntryLength + nameLength + extraLength + commentLength;
        var name = map.Copy(start + DirectoryEntryLength, nameLength);
        if (nameLength > ZipDirectory.MaxNameBytes)
        {
            found.Add(TorchDiagnostics.ZipLimit, $"expected a name of at most {ZipDirectory.MaxNameBytes} bytes, found {nameLength}", new Place(map.Path, Offset: start), Again);
            return null;
        }

        if (nameLength == 0 || name.Contains((byte)0) || !Utf8.IsValid(name))
            return RefuseDirectory(map, start, "expected the name of an entry in UTF-8, found none or other bytes", found);

        var record = new ZipRecord(
            Encoding.UTF8.GetString(name),
            BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[10..]),
            BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[42..]),
            start);
        return Widen(record, map.Copy(start + DirectoryEntryLength + nameLength, extraLength))
            ?? RefuseDirectory(map, start, $"expected a zip64 field for the sizes of '{Printable.Name(record.Name)}', found none that holds them", found);
    }

    /// <summary>Checks a record against its local header and the file. Null with a diagnostic if the entry is refused.</summary>
    public static ZipEntry? Locate(FileMap map, ZipRecord record, long directoryOffset, DiagnosticBag found)
    {
        if ((record.Flags & EncryptedFlags) != 0 || record.Method != 0)
        {
            var how = record.Method == 0 ? "encrypted" : $"compressed (method {record.Method})";
            found.Add(TorchDiagnostics.ZipCompressed, $"expected the entry '{Printable.Name(record.Name)}' stored as it is, found it {how}", new Place(map.Path, Offset: record.Offset), "save it with torch.save, which stores without compression");
            return null;
        }

        if (record.Compressed != record.Length)
            return RefuseEntry(map, record, $"expected as many stored bytes as its {record.Length} bytes, found {record.Compressed}", found);
        if (directoryOffset < LocalHeaderLength || record.HeaderOffset > (ulong)(directoryOffset - LocalHeaderLength))
            return RefuseEntry(map, record, $"expected its local header before the directory at 0x{directoryOffset:X}, found the offset 0x{record.HeaderOffset:X}", found);
        var offset = (long)record.HeaderOffset;
        var header = map.Copy(offset, LocalHeaderLength);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature)
            return RefuseEntry(map, record, $"expected its local header at 0x{offset:X}, found other bytes", found);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        var data = offset + LocalHeaderLength + nameLength + extraLength;
        if (data > directoryOffset || record.Length > (ulong)(directoryOffset - data))
            return RefuseEntry(map, record, $"expected its {record.Length} bytes from 0x{data:X} before the directory, found that at 0x{directoryOffset:X}", found);
        if (!Agrees(record, header, map.Copy(offset + LocalHeaderLength, nameLength)))
            return RefuseEntry(map, record, $"expected the name, method and size of the directory in its local header at 0x{offset:X}, found others", found);
        return new ZipEntry(record.Name, offset, data, (long)record.Length);
    }

    private static bool Agrees(ZipRecord record, ReadOnlySpan<byte> header, ReadOnlySpan<byte> name)
    {
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header[22..]);
        // With a data descriptor the sizes follow the data; a saturated size is in the extra field.
        var sizeAgrees = (flags & DescriptorFlag) != 0 || length == uint.MaxValue || length == record.Length;
        return BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) == record.Method && sizeAgrees
            && Utf8.IsValid(name) && string.Equals(Encoding.UTF8.GetString(name), record.Name, StringComparison.Ordinal);
    }

    /// <summary>Replaces saturated fields by those of the zip64 field. Null if it is missing or too short.</summary>
    private static ZipRecord? Widen(ZipRecord record, ReadOnlySpan<byte> extra)
    {
        if (record.Length != uint.MaxValue && record.Compressed != uint.MaxValue && record.HeaderOffset != uint.MaxValue)
            return record;
        while (extra.Length >= 4)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4)
                return null;
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == Zip64Extra)
                return WidenFrom(record, extra.Slice(4, size));
            extra = extra[(4 + size)..];
        }

        return null;
    }

    private static ZipRecord? WidenFrom(ZipRecord record, ReadOnlySpan<byte> fields)
    {
        var complete = true;
        var length = Next(record.Length, ref fields, ref complete);
        var compressed = Next(record.Compressed, ref fields, ref complete);
        var header = Next(record.HeaderOffset, ref fields, ref complete);
        return complete ? record with { Length = length, Compressed = compressed, HeaderOffset = header } : null;
    }

    private static ulong Next(ulong value, ref ReadOnlySpan<byte> fields, ref bool complete)
    {
        if (value != uint.MaxValue)
            return value;
        if (!BinaryPrimitives.TryReadUInt64LittleEndian(fields, out var wide))
        {
            complete = false;
            return 0;
        }

        fields = fields[sizeof(ulong)..];
        return wide;
    }

    private static ZipRecord? RefuseDirectory(FileMap map, long offset, string message, DiagnosticBag found)
    {
        found.Add(TorchDiagnostics.ZipDirectory, message, new Place(map.Path, Offset: offset), Again);
        return null;
    }

    private static ZipEntry? RefuseEntry(FileMap map, ZipRecord record, string message, DiagnosticBag found)
    {
        found.Add(TorchDiagnostics.ZipEntry, $"the entry '{Printable.Name(record.Name)}': {message}", new Place(map.Path, Offset: record.Offset), Again);
        return null;
    }
}
