using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Tensors;

namespace BiMamba.Formats.Safetensors;

/// <summary>
/// Reads safetensors files. Every rule of the format is enforced; the tensors are mapped in place, at any alignment
/// and beyond 4 GB. The causes of refusal are <see cref="SafetensorsDiagnostics"/> and <see cref="InputDiagnostics"/>.
/// </summary>
/// <remarks>Source of the format: the README of github.com/huggingface/safetensors, section "Format".</remarks>
public static class SafetensorsReader
{
    /// <summary>Opens one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="diagnostics">Receives every broken rule that was found.</param>
    /// <returns>The tensors, or null after an error. The caller disposes it.</returns>
    public static TensorArchive? OpenFile(string path, DiagnosticBag diagnostics) => OpenFiles([path], diagnostics);

    /// <summary>Opens several files as one archive.</summary>
    /// <param name="paths">The files; a name that is in two of them is <see cref="InputDiagnostics.DuplicateTensor"/>.</param>
    /// <param name="diagnostics">Receives the errors of all files.</param>
    /// <returns>The tensors of all files, or null after an error. The caller disposes it.</returns>
    public static TensorArchive? OpenFiles(IReadOnlyList<string> paths, DiagnosticBag diagnostics) =>
        ArchiveMerge.Open(paths, SafetensorsFile.Open, diagnostics);

    /// <summary>
    /// Opens the shards of a <c>model.safetensors.index.json</c>, which lie in its folder. Index and headers are
    /// checked against each other both ways; a wrong <c>total_size</c> is a warning.
    /// </summary>
    /// <param name="indexPath">The index.</param>
    /// <param name="diagnostics">Receives the errors of the index and of all shards.</param>
    /// <returns>The tensors of all shards, or null after an error. The caller disposes it.</returns>
    public static TensorArchive? OpenSharded(string indexPath, DiagnosticBag diagnostics) =>
        ShardedArchive.Open(indexPath, SafetensorsFile.Open, name => name, diagnostics);

    /// <summary>Reads the <c>__metadata__</c> of a file whose header is sound.</summary>
    /// <param name="path">The file.</param>
    /// <param name="diagnostics">Receives every broken rule of the header.</param>
    /// <returns>The strings by key in ordinal order, empty if the file has none, or null after an error.</returns>
    public static IReadOnlyDictionary<string, string>? ReadMetadata(string path, DiagnosticBag diagnostics)
    {
        using var map = FileMap.Open(path, diagnostics);
        return map is null ? null : SafetensorsFile.ReadHeader(map, diagnostics)?.Metadata;
    }
}
