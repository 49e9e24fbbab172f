using System.Buffers.Binary;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf.Reading;

/// <summary>Reads everything before the tensors, and checks that these lie inside the file.</summary>
internal sealed class GgufHeadReader(FileMap map, DiagnosticBag diagnostics)
{
    private const uint Oldest = 2;
    private const uint Newest = 3;
    private const int CountsOffset = 8;

    private readonly GgufCursor cursor = new(map, diagnostics);

    /// <summary>The file, or null after an error.</summary>
    public GgufFile? Read()
    {
        if (!ReadSignature() || ReadVersion() is not { } version)
            return null;
        var tensorCount = cursor.UInt64("tensor_count");
        var pairCount = cursor.UInt64("pair_count");
        var metadata = new GgufMetadataReader(cursor);
        var pairs = metadata.Read(pairCount, CountsOffset + sizeof(ulong));
        var rows = new GgufTableReader(cursor, metadata.Alignment).Read(tensorCount, CountsOffset);
        if (cursor.IsLost || metadata.Alignment is not { } alignment || !SkipPadding(tensorCount, alignment))
            return null;
        CheckEnd(rows);
        return cursor.HasErrors ? null : new GgufFile(map, version, alignment, cursor.Position, pairs, rows);
    }

    private bool ReadSignature()
    {
        if (!cursor.Take(sizeof(uint), "magic", out var magic))
            return false;
        if (magic.SequenceEqual("GGUF"u8))
            return true;
        cursor.Lose(BimbDiagnostics.Signature, $"expected \"GGUF\", found the bytes {Convert.ToHexString(magic)}", "magic", 0, HintOf(magic));
        return false;
    }

    private uint? ReadVersion()
    {
        var version = cursor.UInt32("version");
        if (cursor.IsLost || version is >= Oldest and <= Newest)
            return cursor.IsLost ? null : version;
        var (found, hint) = version switch
        {
            1 => ("1, whose lengths have 32 bits", "convert the checkpoint again, or rewrite the file with a llama.cpp of 2023 or 2024"),
            _ when BinaryPrimitives.ReverseEndianness(version) is >= 1 and <= Newest => ($"{BinaryPrimitives.ReverseEndianness(version)} in big-endian order", "turn the file over with gguf_convert_endian.py of llama.cpp"),
            _ => (version.ToString(System.Globalization.CultureInfo.InvariantCulture), "use a newer version of the tool, or convert the checkpoint again"),
        };
        cursor.Lose(BimbDiagnostics.Version, $"expected version {Oldest} or {Newest} in little-endian order, found {found}", "version", sizeof(uint), hint);
        return null;
    }

    /// <summary>Moves to the start of the tensors. A file without tensors may end before it.</summary>
    private bool SkipPadding(ulong tensorCount, long alignment)
    {
        if (tensorCount == 0)
            return true;
        var start = cursor.Position;
        var length = (alignment - (start % alignment)) % alignment;
        if (length > cursor.Left)
        {
            cursor.Lose(BimbDiagnostics.Truncated, $"expected {length} bytes, found {cursor.Left} up to the end of the file", "padding", start, GgufCursor.Incomplete);
            return false;
        }

        // The length is less than the alignment, which may be as large as the largest span.
        var bad = map.Copy(start, (int)length).IndexOfAnyExcept((byte)0);
        if (bad >= 0)
            cursor.Report(BimbDiagnostics.Padding, $"expected zeros before the tensors, found 0x{map.Copy(start + bad, 1)[0]:X2}", "padding", start + bad);
        cursor.Position += length;
        return true;
    }

    private void CheckEnd(IReadOnlyList<GgufTableRow> rows)
    {
        if (rows.Count == 0 || rows[^1] is not { } last || last.Offset + (Int128)last.ByteLength <= cursor.Left)
            return;
        cursor.Report(BimbDiagnostics.Truncated, $"expected {last.Offset + (Int128)last.ByteLength} bytes of tensors, found {cursor.Left} up to the end of the file", "data", cursor.Position, GgufCursor.Incomplete, last.Name);
    }

    private static string HintOf(ReadOnlySpan<byte> magic)
    {
        if (magic.SequenceEqual("FUGG"u8))
            return "this is a big-endian file: turn it over with gguf_convert_endian.py of llama.cpp";
        if (magic.SequenceEqual("tjgg"u8) || magic.SequenceEqual("fmgg"u8) || magic.SequenceEqual("lmgg"u8))
            return "this is a file of ggml from before GGUF: convert the checkpoint again";
        return magic.SequenceEqual("vers"u8) ? "this is a Git LFS pointer, not the file itself; run 'git lfs pull'" : "this is another kind of file";
    }
}
