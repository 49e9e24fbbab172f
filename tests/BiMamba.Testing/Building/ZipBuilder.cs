using System.Buffers.Binary;
using System.Text;

namespace BiMamba.Testing.Building;

/// <summary>One entry to write, with everything that a hostile file may lie about.</summary>
public sealed record ZipItem(string Name, byte[] Data)
{
    /// <summary>The compression method; 0 is stored.</summary>
    public int Method { get; init; }

    /// <summary>The general flags.</summary>
    public int Flags { get; init; }

    /// <summary>The name in the local header, if it lies.</summary>
    public string? LocalName { get; init; }

    /// <summary>The length in the directory, if it lies.</summary>
    public long? DirectoryLength { get; init; }

    /// <summary>The compressed length in the directory, if it lies.</summary>
    public long? DirectoryCompressed { get; init; }

    /// <summary>The offset of the local header in the directory, if it lies.</summary>
    public long? HeaderOffset { get; init; }
}

/// <summary>Writes stored zip archives byte by byte, with zip64 fields on request.</summary>
public sealed class ZipBuilder(bool zip64 = false)
{
    private readonly List<byte> file = [];
    private readonly List<(ZipItem Item, long Offset)> written = [];

    /// <summary>Entries that the end record declares, if it lies.</summary>
    public int? DeclaredEntries { get; init; }

    /// <summary>An archive of these entries.</summary>
    public static byte[] Of(params ZipItem[] items)
    {
        var builder = new ZipBuilder();
        foreach (var item in items)
            builder.Add(item);
        return builder.Build();
    }

    /// <summary>Adds a sound entry.</summary>
    public ZipBuilder Add(string name, byte[] data) => Add(new ZipItem(name, data));

    /// <summary>Adds an entry.</summary>
    public ZipBuilder Add(ZipItem item)
    {
        written.Add((item, file.Count));
        file.AddRange(LocalHeader(item.LocalName ?? item.Name, item.Method, item.Flags, item.Data.Length));
        file.AddRange(item.Data);
        return this;
    }

    /// <summary>The whole file.</summary>
    public byte[] Build(byte[]? comment = null)
    {
        var start = file.Count;
        foreach (var (item, offset) in written)
        {
            file.AddRange(DirectoryRecord(
                item.Name, item.Method, item.Flags, item.DirectoryLength ?? item.Data.Length, item.DirectoryCompressed ?? item.DirectoryLength ?? item.Data.Length, item.HeaderOffset ?? offset, zip64));
        }

        var length = file.Count - start;
        file.AddRange(EndRecords(DeclaredEntries ?? written.Count, start, length, zip64, comment ?? []));
        return file.ToArray();
    }

    /// <summary>A local header.</summary>
    public static byte[] LocalHeader(string name, int method, int flags, uint length)
    {
        var nameBytes = Encoding.UTF8.GetBytes(name);
        var header = new byte[30];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), (ushort)flags);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)method);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(18), length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(22), length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(26), (ushort)nameBytes.Length);
        return [.. header, .. nameBytes];
    }

    /// <summary>A local header.</summary>
    public static byte[] LocalHeader(string name, int method, int flags, long length) => LocalHeader(name, method, flags, (uint)length);

    /// <summary>A record of the directory.</summary>
    public static byte[] DirectoryRecord(string name, int method, int flags, long length, long compressed, long offset, bool zip64)
    {
        var nameBytes = Encoding.UTF8.GetBytes(name);
        var extra = zip64 ? new byte[28] : [];
        var record = new byte[46];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x02014b50);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(8), (ushort)flags);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(10), (ushort)method);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(20), zip64 ? uint.MaxValue : (uint)compressed);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(24), zip64 ? uint.MaxValue : (uint)length);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(28), (ushort)nameBytes.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(30), (ushort)extra.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(42), zip64 ? uint.MaxValue : (uint)offset);
        if (zip64)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(extra, 1);
            BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(2), 24);
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(4), length);
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(12), compressed);
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(20), offset);
        }

        return [.. record, .. nameBytes, .. extra];
    }

    /// <summary>What stands behind the directory.</summary>
    public static byte[] EndRecords(int entries, long start, long length, bool zip64, byte[] comment)
    {
        var end = new byte[22];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), (ushort)entries);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), (ushort)entries);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), zip64 ? uint.MaxValue : (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), zip64 ? uint.MaxValue : (uint)start);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(20), (ushort)comment.Length);
        return zip64 ? [.. Zip64End(entries, start, length), .. end, .. comment] : [.. end, .. comment];
    }

    private static byte[] Zip64End(int entries, long start, long length)
    {
        var end = new byte[56];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06064b50);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(4), 44);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(24), entries);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(32), entries);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(40), length);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(48), start);
        var locator = new byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(locator, 0x07064b50);
        BinaryPrimitives.WriteInt64LittleEndian(locator.AsSpan(8), start + length);
        BinaryPrimitives.WriteInt32LittleEndian(locator.AsSpan(16), 1);
        return [.. end, .. locator];
    }
}
