using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Tensors;

namespace BiMamba.Formats.TorchPickle;

/// <summary>
/// Reads the zip archives of torch.save (torch 1.6 and newer) without executing anything: the pickle is interpreted
/// by a machine that knows only the instructions and the inert globals of checkpoints, and a file that names any
/// other global is refused by that name. Storages are mapped in place, beyond 4 GB too; tied weights share them.
/// The causes of refusal are <see cref="TorchDiagnostics"/> and <see cref="InputDiagnostics"/>.
/// </summary>
/// <remarks>
/// The tensors are those of the state dict: the top level, or the dictionary under <c>model</c>, <c>state_dict</c>,
/// <c>model_state_dict</c> or <c>module</c>. Nested dictionaries give names joined by dots. Prefixes of training
/// wrappers (<c>module.</c>, <c>_orig_mod.</c>, <c>_forward_module.</c>, <c>_fsdp_wrapped_module.</c>,
/// <c>_checkpoint_wrapped_module.</c>) are removed.
/// </remarks>
public static class TorchReader
{
    /// <summary>Opens one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="diagnostics">Receives the reasons of a refusal, and notes on what was passed over.</param>
    /// <returns>The tensors, or null after an error. The caller disposes it.</returns>
    public static TensorArchive? OpenFile(string path, DiagnosticBag diagnostics) => OpenFiles([path], diagnostics);

    /// <summary>Opens several files as one archive.</summary>
    /// <param name="paths">The files; a name that is in two of them is <see cref="InputDiagnostics.DuplicateTensor"/>.</param>
    /// <param name="diagnostics">Receives the diagnostics of all files.</param>
    /// <returns>The tensors of all files, or null after an error. The caller disposes it.</returns>
    public static TensorArchive? OpenFiles(IReadOnlyList<string> paths, DiagnosticBag diagnostics) =>
        ArchiveMerge.Open(paths, TorchFile.Open, diagnostics);

    /// <summary>
    /// Opens the shards of a <c>pytorch_model.bin.index.json</c>, which lie in its folder. Index and shards are
    /// checked against each other both ways; a wrong <c>total_size</c> is a warning.
    /// </summary>
    /// <param name="indexPath">The index.</param>
    /// <param name="diagnostics">Receives the diagnostics of the index and of all shards.</param>
    /// <returns>The tensors of all shards, or null after an error. The caller disposes it.</returns>
    public static TensorArchive? OpenSharded(string indexPath, DiagnosticBag diagnostics) =>
        ShardedArchive.Open(indexPath, TorchFile.Open, TensorNames.Unwrap, diagnostics);
}
