using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf.Reading;
using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf;

/// <summary>
/// Reads GGUF files of version 2 and 3, little-endian, of any size. Every rule of <c>formats/gguf.spec</c> is enforced;
/// the tensors are mapped in place. The causes of refusal are those of <see cref="BimbDiagnostics"/> that the spec
/// names, <see cref="InputDiagnostics"/>, and <see cref="GgufDiagnostics"/> for split models.
/// </summary>
/// <remarks>Source of the format: docs/gguf.md of github.com/ggml-org/ggml.</remarks>
public static class GgufReader
{
    /// <summary>Opens one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="diagnostics">Receives every broken rule that was found.</param>
    /// <returns>The file, or null after an error. The caller disposes it.</returns>
    public static GgufFile? Open(string path, DiagnosticBag diagnostics)
    {
        if (FileMap.Open(path, diagnostics) is not { } map)
            return null;
        if (new GgufHeadReader(map, diagnostics).Read() is { } file)
            return file;
        map.Dispose();
        return null;
    }

    /// <summary>
    /// Opens a model: one file, or all files of a split model, which are named <c>NAME-00001-of-0000N.gguf</c> and lie in
    /// one folder. The metadata of a split model are those of its first file.
    /// </summary>
    /// <param name="path">The file, or any file of a split model.</param>
    /// <param name="diagnostics">Receives the errors of all files.</param>
    /// <returns>The files in their order, or null after an error. The caller disposes each.</returns>
    public static IReadOnlyList<GgufFile>? OpenModel(string path, DiagnosticBag diagnostics)
    {
        if (Open(path, diagnostics) is not { } file)
            return null;
        if (file.Find(GgufSplit.CountKey) is not { } count || count.AsInteger() is 0 or 1)
            return [file];
        var files = new List<GgufFile> { file };
        if (GgufSplit.Open(files, count, diagnostics))
            return files;
        files.ForEach(part => part.Dispose());
        return null;
    }

    /// <summary>True for a file that begins as a GGUF file does; false where it cannot be read.</summary>
    public static bool IsGguf(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            Span<byte> magic = stackalloc byte[4];
            return stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual("GGUF"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reader that opens the file says why it cannot be read.
            return false;
        }
    }
}
