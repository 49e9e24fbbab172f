using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf.Reading;

/// <summary>A place in a file that moves over its fields. Nothing behind the end is read, and nothing is allocated for bytes that are not there.</summary>
internal sealed class GgufCursor(FileMap map, DiagnosticBag diagnostics)
{
    private readonly byte[] window = new byte[1 << 16];
    private long windowStart;
    private int windowLength;

    /// <summary>What helps where a file contradicts itself.</summary>
    public const string Damaged = "the file is damaged or was written wrongly: copy or convert it again";

    /// <summary>What helps where bytes are missing.</summary>
    public const string Incomplete = "the file is incomplete: copy or convert it again";

    // The longest text that one span can hold with room to spare.
    private const ulong MaxText = int.MaxValue / 2;

    /// <summary>The file.</summary>
    public FileMap Map => map;

    /// <summary>Offset of the next byte.</summary>
    public long Position { get; set; }

    /// <summary>Bytes up to the end of the file.</summary>
    public long Left => map.Length - Position;

    /// <summary>True once it is unknown where the next field begins; the reason has been reported.</summary>
    public bool IsLost { get; private set; }

    /// <summary>True once an error was reported.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>A number of four bytes; 0 where they are not there.</summary>
    public uint UInt32(string field) => Take(sizeof(uint), field, out var bytes) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    /// <summary>A number of eight bytes; 0 where they are not there.</summary>
    public ulong UInt64(string field) => Take(sizeof(ulong), field, out var bytes) ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

    /// <summary>Moves over bytes. False, and lost, where they are not there.</summary>
    public bool Take(int length, string field, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (IsLost)
            return false;
        if (length > Left)
        {
            Lose(BimbDiagnostics.Truncated, $"expected {length} bytes, found {Left} up to the end of the file", field, Position, Incomplete);
            return false;
        }

        bytes = Bytes(Position, length);
        Position += length;
        return true;
    }

    /// <summary>Moves over a length of 64 bits and as many bytes; empty, and lost, where they are not there.</summary>
    public ReadOnlySpan<byte> TextBytes(string field)
    {
        var start = Position;
        var length = UInt64(field);
        if (IsLost)
            return default;
        if (length <= (ulong)Left && length <= MaxText)
            return Take((int)length, field, out var bytes) ? bytes : default;
        Lose(BimbDiagnostics.Truncated, $"expected a text of {length} bytes, found {Left} up to the end of the file", field, start, Incomplete);
        return default;
    }

    /// <summary>A text, or null where it is not there, is too short or long, or is no UTF-8.</summary>
    public string? Text(string field, int least = 0, int most = int.MaxValue)
    {
        var start = Position;
        var bytes = TextBytes(field);
        if (IsLost)
            return null;
        if (!Utf8.IsValid(bytes))
        {
            NotUtf8(field, start);
            return null;
        }

        if (bytes.Length >= least && bytes.Length <= most)
            return Encoding.UTF8.GetString(bytes);
        var begin = Printable.Name(Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, most)]));
        Report(BimbDiagnostics.Constraint, $"expected {least} to {most} bytes, found {bytes.Length}{(bytes.Length > 0 ? $" that begin with '{begin}'" : "")}", field, start);
        return null;
    }

    /// <summary>Reports a text that is no UTF-8.</summary>
    public void NotUtf8(string field, long offset) => Report(BimbDiagnostics.NotUtf8, "expected UTF-8, found other bytes", field, offset);

    /// <summary>True where a count of elements of at least some bytes fits what is left; lost otherwise.</summary>
    public bool Fits(ulong count, int least, string field, long offset)
    {
        if (IsLost)
            return false;
        if (count <= (ulong)(Left / least))
            return true;
        Lose(BimbDiagnostics.Truncated, $"expected {count} elements of at least {least} bytes, found {Left} bytes up to the end of the file", field, offset, Incomplete);
        return false;
    }

    /// <summary>Adds an error after which nothing more is known.</summary>
    public void Lose(DiagnosticDescriptor row, string message, string field, long offset, string hint = Damaged)
    {
        IsLost = true;
        Report(row, message, field, offset, hint);
    }

    /// <summary>Adds an error.</summary>
    public void Report(DiagnosticDescriptor row, string message, string field, long offset, string hint = Damaged, string? tensor = null)
    {
        HasErrors = true;
        diagnostics.Add(row, message, new Place(map.Path, tensor is null ? null : Printable.Name(tensor), Printable.Name(field), offset), hint);
    }

    /// <summary>Bytes at an offset, valid until others are asked for: most fields are small, and a window of the file holds many.</summary>
    private ReadOnlySpan<byte> Bytes(long offset, int length)
    {
        if (length > window.Length)
            return map.Copy(offset, length);
        if (offset < windowStart || offset + length > windowStart + windowLength)
        {
            (windowStart, windowLength) = (offset, (int)Math.Min(window.Length, map.Length - offset));
            map.Read(offset, window.AsSpan(0, windowLength));
        }

        return window.AsSpan((int)(offset - windowStart), length);
    }
}
