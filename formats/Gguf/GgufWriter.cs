using System.Buffers;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf;

/// <summary>
/// Writes GGUF files of version 3. The bytes are a function of metadata and tensors alone; tensors are read, encoded and
/// written in pieces of whole blocks; a file appears whole or not at all.
/// </summary>
/// <remarks>The format is described in <c>formats/gguf.spec</c>.</remarks>
public static class GgufWriter
{
    private const int MaxKeyBytes = 65_535;

    /// <summary>Elements of a piece; a multiple of every block.</summary>
    private const int PieceElements = 1 << 18;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="metadata">Keys, each once and of 1 to 65,535 bytes, with their values, in the order of the file. The alignment is always 32.</param>
    /// <param name="tensors">The tensors, each name once, in the order of the file.</param>
    /// <param name="force">True to replace an existing file.</param>
    /// <param name="diagnostics">Receives <see cref="OutputDiagnostics"/>.</param>
    /// <param name="cancellationToken">Looked at between pieces.</param>
    /// <returns>False after an error; nothing is left behind then.</returns>
    /// <exception cref="ArgumentException">A condition on keys or names does not hold.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public static bool Write(
        string path,
        IReadOnlyList<KeyValuePair<string, GgufValue>> metadata,
        IReadOnlyList<GgufTensor> tensors,
        bool force,
        DiagnosticBag diagnostics,
        CancellationToken cancellationToken)
    {
        Check(metadata, tensors);
        using var file = AtomicFile.Create(path, force, diagnostics);
        if (file is null)
            return false;
        try
        {
            file.Stream.Write(GgufHeader.Write(metadata, tensors));
            foreach (var tensor in tensors)
                WriteTensor(tensor, file.Stream, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.ReportNotWritable(path, e, diagnostics);
            return false;
        }

        return file.Commit(diagnostics);
    }

    private static void Check(IReadOnlyList<KeyValuePair<string, GgufValue>> metadata, IReadOnlyList<GgufTensor> tensors)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, _) in metadata)
        {
            if (!keys.Add(key) || key == "general.alignment" || GgufHeader.ByteCount(key) is < 1 or > MaxKeyBytes)
                throw new ArgumentException($"expected distinct keys of 1 to {MaxKeyBytes} bytes without the alignment, found '{key}'", nameof(metadata));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"expected one tensor of each name, found two of '{tensor.Name}'", nameof(tensors));
        }
    }

    private static void WriteTensor(GgufTensor tensor, Stream stream, CancellationToken cancellationToken)
    {
        var count = tensor.Source.Shape.Count;
        var piece = (int)Math.Min(PieceElements, count);
        var elements = ArrayPool<float>.Shared.Rent(piece);
        var bytes = ArrayPool<byte>.Shared.Rent((int)tensor.Type.BytesOf(piece));
        try
        {
            for (long index = 0; index < count; index += piece)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var some = elements.AsSpan(0, (int)Math.Min(piece, count - index));
                var encoded = bytes.AsSpan(0, (int)tensor.Type.BytesOf(some.Length));
                tensor.Source.ReadSingles(index, some);
                tensor.Type.Encode(some, encoded);
                stream.Write(encoded);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(elements);
            ArrayPool<byte>.Shared.Return(bytes);
        }

        stream.Write(stackalloc byte[GgufHeader.PaddingAfter(tensor.ByteLength)]);
    }
}
