using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation;

/// <summary>
/// Files of token ids: NumPy <c>.npy</c> (version 1 to 3, one dimension, little-endian integers of 1 to 8 bytes), and
/// text with whole numbers between blanks, commas and at most one pair of square brackets (<c>.ids</c>, <c>.json</c>), and
/// nothing but little-endian integers, of two bytes where the vocabulary fits them and else of four (<c>.bin</c>).
/// </summary>
public static partial class TokenIdFile
{
    // NumPy's own readers refuse longer headers.
    private const int MaxNumPyHeader = 10_000;

    private static ReadOnlySpan<byte> NumPyMagic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The ids of a file's bytes; null where the bag got an error.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">What is in it.</param>
    /// <param name="vocabularyRows">Ids that the model has, by which the width of bare integers is known.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public static int[]? Parse(string path, ReadOnlySpan<byte> bytes, int vocabularyRows, DiagnosticBag diagnostics)
    {
        if (bytes.StartsWith(NumPyMagic))
            return ParseNumPy(path, bytes, diagnostics);
        return Path.GetExtension(path).Equals(".bin", StringComparison.OrdinalIgnoreCase) ? ParseBare(path, bytes, vocabularyRows, diagnostics) : ParseText(path, bytes, diagnostics);
    }

    /// <summary>The ids of a text such as <c>1, 2, 3</c>; null where the bag got an error.</summary>
    public static int[]? ParseText(string name, ReadOnlySpan<byte> bytes, DiagnosticBag diagnostics)
    {
        var ids = new List<int>();
        var inner = bytes.Trim(" \t\r\n"u8);
        if (inner.StartsWith("["u8) && inner.EndsWith("]"u8))
            inner = inner[1..^1];
        bytes.Overlaps(inner, out var start);
        for (var i = 0; i < inner.Length;)
        {
            if (inner[i] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)',')
            {
                i++;
                continue;
            }

            var length = inner[i..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            length = length < 0 ? inner.Length - i : length;
            if (length is 0 or > 10 || !int.TryParse(inner.Slice(i, length), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                diagnostics.Add(RuntimeDiagnostics.TokenFile, $"expected a whole number from 0 to 2147483647, found '{Word(inner[i..])}'", new Place(name, Offset: start + i), "separate ids by commas or blanks");
                return null;
            }

            ids.Add(id);
            i += length;
        }

        return [.. ids];
    }

    /// <summary>What stands before the next separator, cut short.</summary>
    private static string Word(ReadOnlySpan<byte> bytes)
    {
        const int MaxShown = 20;
        var length = bytes.IndexOfAny(" \t\r\n,"u8);
        return Printable(Encoding.UTF8.GetString(bytes[..Math.Min(length < 0 ? bytes.Length : length, MaxShown)]));
    }

    /// <summary>The beginning of a header.</summary>
    private static string Shown(string header)
    {
        const int MaxShown = 200;
        var text = header.Trim();
        return Printable(text.Length > MaxShown ? text[..MaxShown] + "..." : text);
    }

    /// <summary>A foreign text that cannot steer a terminal.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    private static int[]? ParseNumPy(string path, ReadOnlySpan<byte> bytes, DiagnosticBag diagnostics)
    {
        if (bytes.Length < 8)
            return Fail("expected the version of a NumPy file, found the end of the file", bytes.Length);
        if (bytes[6] is not (1 or 2 or 3))
            return Fail($"expected version 1, 2 or 3 of the NumPy format, found {bytes[6]}.{bytes[7]}", 6);
        var lengthBytes = bytes[6] == 1 ? 2 : 4;
        if (bytes.Length < 8 + lengthBytes)
            return Fail("expected the length of a NumPy header, found the end of the file", bytes.Length);
        var headerLength = lengthBytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (headerLength > MaxNumPyHeader)
            return Fail($"expected a header of at most {MaxNumPyHeader} bytes, found {headerLength}", 8);
        var dataAt = 8L + lengthBytes + headerLength;
        if (dataAt > bytes.Length)
            return Fail($"expected a header of {headerLength} bytes, found {bytes.Length - 8 - lengthBytes}", 8);
        var header = Encoding.Latin1.GetString(bytes.Slice(8 + lengthBytes, (int)headerLength));
        var match = NumPyHeader().Match(header);
        if (!match.Success || !long.TryParse(match.Groups["count"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return Fail("expected one dimension of little-endian integers in C order, found " + Shown(header), 8 + lengthBytes);
        var size = match.Groups["size"].Value[0] - '0';
        var isSigned = match.Groups["sign"].Value == "i";
        var data = bytes[(int)dataAt..];
        if (count > data.Length || data.Length != count * size)
            return Fail($"expected {count} integers of {size} bytes, found {data.Length} bytes", dataAt);
        var ids = new int[count];
        for (var i = 0; i < ids.Length; i++)
        {
            var value = ReadInteger(data.Slice(i * size, size), isSigned);
            if (value is < 0 or > int.MaxValue)
                return Fail($"expected an id from 0 to {int.MaxValue}, found {(isSigned ? $"{value}" : $"{(ulong)value}")}", dataAt + ((long)i * size));
            ids[i] = (int)value;
        }

        return ids;

        int[]? Fail(string message, long offset)
        {
            diagnostics.Add(RuntimeDiagnostics.TokenFile, message, new Place(path, Offset: offset), "save with numpy.save(path, numpy.asarray(ids, '<i4'))");
            return null;
        }
    }

    private static int[]? ParseBare(string path, ReadOnlySpan<byte> bytes, int vocabularyRows, DiagnosticBag diagnostics)
    {
        var size = vocabularyRows <= ushort.MaxValue + 1 ? sizeof(ushort) : sizeof(uint);
        if (bytes.Length % size != 0)
        {
            diagnostics.Add(RuntimeDiagnostics.TokenFile, $"expected ids of {size} bytes, as {vocabularyRows} rows of a vocabulary need, found {bytes.Length} bytes", Place.OfFile(path), "save as .npy, which says how wide ids are");
            return null;
        }

        var ids = new int[bytes.Length / size];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = size == sizeof(ushort) ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * size)..]) : BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * size)..]);
        return ids;
    }

    private static long ReadInteger(ReadOnlySpan<byte> bytes, bool isSigned) => bytes.Length switch
    {
        1 => isSigned ? (sbyte)bytes[0] : bytes[0],
        2 => isSigned ? BinaryPrimitives.ReadInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => isSigned ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };

    [GeneratedRegex(@"^\s*\{\s*'descr'\s*:\s*'[<|](?<sign>[iu])(?<size>[1248])'\s*,\s*'fortran_order'\s*:\s*False\s*,\s*'shape'\s*:\s*\(\s*(?<count>\d{1,10})\s*,\s*\)\s*(?:,\s*)?\}\s*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NumPyHeader();
}
