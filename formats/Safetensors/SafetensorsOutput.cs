using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Tensors;

namespace BiMamba.Formats.Safetensors;

/// <summary>Writes one file under its temporary name.</summary>
internal static class SafetensorsOutput
{
    private const string Rename = "rename the tensor";

    private const int PieceBytes = 1 << 20;
    private const int Alignment = 8;

    /// <summary>Strict, so that a lone surrogate is an error instead of a replacement character.</summary>
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Checks everything that a reader would refuse about the names. False with a diagnostic for each.</summary>
    public static bool CheckNames(string path, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in tensors)
        {
            var place = new Place(path, Printable.Name(name));
            if (!names.Add(name))
                found.Add(SafetensorsDiagnostics.WriteName, "expected one tensor of each name, found two of this one", place, Rename);
            if (string.Equals(name, SafetensorsHeader.MetadataKey, StringComparison.Ordinal))
                found.Add(SafetensorsDiagnostics.WriteName, "expected a name of a tensor, found that of the metadata of the file", place, Rename);
            if (!IsUnicode(name))
                found.Add(SafetensorsDiagnostics.WriteName, "expected a name of Unicode text, found half of a surrogate pair", place, Rename);
            else if (Encoding.UTF8.GetByteCount(name) > SafetensorsHeader.MaxNameBytes)
                found.Add(SafetensorsDiagnostics.WriteName, $"expected a name of at most {SafetensorsHeader.MaxNameBytes} bytes, found {Encoding.UTF8.GetByteCount(name)}", place, Rename);
        }

        foreach (var (key, value) in metadata ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            if (!IsUnicode(key) || !IsUnicode(value))
                found.Add(SafetensorsDiagnostics.WriteName, "expected key and value of Unicode text, found half of a surrogate pair", new Place(path, Field: $"{SafetensorsHeader.MetadataKey}.{Printable.Name(key)}"));
        }

        diagnostics.AddRange(found);
        return !found.HasErrors;
    }

    /// <summary>Writes header and tensors. The result is complete but not yet committed; null with diagnostics if writing fails.</summary>
    public static AtomicFile? Write(
        string path,
        IReadOnlyList<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata,
        bool force,
        DiagnosticBag diagnostics,
        CancellationToken cancellationToken)
    {
        var sorted = tensors.OrderByDescending(pair => pair.Value.Type.Size()).ThenBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        var header = Header(sorted, metadata);
        if (header.Length > sizeof(ulong) + SafetensorsHeader.MaxHeaderBytes)
        {
            diagnostics.Add(SafetensorsDiagnostics.WriteHeaderTooLarge, $"expected a header of at most {SafetensorsHeader.MaxHeaderBytes} bytes, found {header.Length - sizeof(ulong)}", Place.OfFile(path), "write several shards");
            return null;
        }

        return Write(path, force, diagnostics, stream =>
        {
            stream.Write(header.Span);
            var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
            try
            {
                foreach (var (_, tensor) in sorted)
                    CopyTensor(tensor, stream, piece, cancellationToken);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(piece);
            }
        });
    }

    /// <summary>Writes some bytes. The result is not yet committed; null with diagnostics if writing fails.</summary>
    public static AtomicFile? WriteBytes(string path, ReadOnlyMemory<byte> bytes, bool force, DiagnosticBag diagnostics) =>
        Write(path, force, diagnostics, stream => stream.Write(bytes.Span));

    private static AtomicFile? Write(string path, bool force, DiagnosticBag diagnostics, Action<Stream> write)
    {
        var file = AtomicFile.Create(path, force, diagnostics);
        if (file is null)
            return null;
        var written = false;
        try
        {
            write(file.Stream);
            file.Stream.Flush();
            written = true;
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.ReportNotWritable(path, e, diagnostics);
            return null;
        }
        finally
        {
            if (!written)
                file.Dispose();
        }
    }

    private static void CopyTensor(Tensor tensor, Stream stream, byte[] piece, CancellationToken cancellationToken)
    {
        for (long offset = 0; offset < tensor.ByteLength; offset += PieceBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(PieceBytes, tensor.ByteLength - offset);
            stream.Write(tensor.View(offset, count, ref piece));
        }
    }

    /// <summary>The length field and the JSON, padded with spaces so that the data start at a multiple of eight bytes.</summary>
    private static ReadOnlyMemory<byte> Header(IReadOnlyList<KeyValuePair<string, Tensor>> sorted, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(stackalloc byte[sizeof(ulong)]);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            WriteJson(json, sorted, metadata);
        while (buffer.WrittenCount % Alignment != 0)
            buffer.Write(" "u8);
        var header = new byte[buffer.WrittenCount];
        buffer.WrittenSpan.CopyTo(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - sizeof(ulong)));
        return header;
    }

    private static void WriteJson(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, Tensor>> sorted, IReadOnlyDictionary<string, string>? metadata)
    {
        json.WriteStartObject();
        if (metadata is { Count: > 0 })
        {
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                json.WriteString(key, value);
            json.WriteEndObject();
        }

        long offset = 0;
        foreach (var (name, tensor) in sorted)
        {
            json.WriteStartObject(name);
            json.WriteString("dtype", SafetensorsTypes.NameOf(tensor.Type));
            json.WriteStartArray("shape");
            foreach (var dim in tensor.Shape.Dims)
                json.WriteNumberValue(dim);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset = checked(offset + tensor.ByteLength));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static bool IsUnicode(string text)
    {
        try
        {
            return StrictUtf8.GetByteCount(text) >= 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
