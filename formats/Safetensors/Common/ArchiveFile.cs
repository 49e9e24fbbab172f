using BiMamba.Diagnostics;
using BiMamba.Tensors;

namespace BiMamba.Formats.Common;

/// <summary>One opened and fully checked file of a checkpoint. Owns its map.</summary>
/// <param name="Map">The file.</param>
/// <param name="Tensors">Its tensors by name.</param>
internal sealed record ArchiveFile(FileMap Map, IReadOnlyDictionary<string, Tensor> Tensors);

/// <summary>Opens and checks one file. Null with diagnostics if it is refused.</summary>
internal delegate ArchiveFile? OpenArchiveFile(string path, DiagnosticBag diagnostics);
