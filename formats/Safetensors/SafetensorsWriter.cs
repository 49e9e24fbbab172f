using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Formats.Safetensors;

/// <summary>
/// Writes safetensors files. The bytes are a function of tensors and metadata alone; tensors are streamed in pieces;
/// a file appears whole or not at all.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Writes one file: tensors by descending element size, then by name in ordinal order.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="tensors">The tensors; names are unique, at most 1,024 bytes and not <c>__metadata__</c>.</param>
    /// <param name="metadata">The <c>__metadata__</c>, or null for none.</param>
    /// <param name="force">True to replace an existing file.</param>
    /// <param name="diagnostics">Receives <see cref="SafetensorsDiagnostics.WriteName"/>, <see cref="SafetensorsDiagnostics.WriteHeaderTooLarge"/> and <see cref="OutputDiagnostics"/>.</param>
    /// <param name="cancellationToken">Looked at between pieces.</param>
    /// <returns>False after an error; nothing is left behind then.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public static bool Write(
        string path,
        IReadOnlyList<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata,
        bool force,
        DiagnosticBag diagnostics,
        CancellationToken cancellationToken)
    {
        if (!SafetensorsOutput.CheckNames(path, tensors, metadata, diagnostics))
            return false;
        using var file = SafetensorsOutput.Write(path, tensors, metadata, force, diagnostics, cancellationToken);
        return file is not null && file.Commit(diagnostics);
    }

    /// <summary>
    /// Writes a folder: <c>model.safetensors</c> where everything fits one shard, otherwise
    /// <c>model-00001-of-0000n.safetensors</c> and so on with <c>model.safetensors.index.json</c>. The tensors are
    /// dealt in ordinal order of their names; a tensor over the limit has a shard of its own.
    /// </summary>
    /// <param name="folder">The folder; it is made if it does not exist.</param>
    /// <param name="tensors">The tensors, as for <see cref="Write"/>.</param>
    /// <param name="metadata">The <c>__metadata__</c> of every shard, or null for none.</param>
    /// <param name="maxShardBytes">The most bytes of tensors in one shard, from 1.</param>
    /// <param name="force">True to replace existing files. Other files of the folder stay.</param>
    /// <param name="diagnostics">Receives the errors, as for <see cref="Write"/>.</param>
    /// <param name="cancellationToken">Looked at between pieces.</param>
    /// <returns>False after an error. No file gets its name before all are written.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public static bool WriteSharded(
        string folder,
        IReadOnlyList<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata,
        long maxShardBytes,
        bool force,
        DiagnosticBag diagnostics,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxShardBytes, 1);
        if (!SafetensorsOutput.CheckNames(folder, tensors, metadata, diagnostics) || !MakeFolder(folder, diagnostics))
            return false;
        var shards = ShardPlan.Deal(tensors, maxShardBytes);
        var files = new List<AtomicFile>();
        try
        {
            foreach (var shard in shards)
            {
                if (SafetensorsOutput.Write(Path.Combine(folder, shard.FileName), shard.Tensors, metadata, force, diagnostics, cancellationToken) is not { } file)
                    return false;
                files.Add(file);
            }

            // The index comes last: a folder with an index is complete.
            if (shards.Count > 1)
            {
                if (SafetensorsOutput.WriteBytes(Path.Combine(folder, ShardPlan.IndexName), ShardPlan.Index(shards), force, diagnostics) is not { } index)
                    return false;
                files.Add(index);
            }

            return Commit(files, force, diagnostics);
        }
        finally
        {
            foreach (var file in files)
                file.Dispose();
        }
    }

    private static bool MakeFolder(string folder, DiagnosticBag diagnostics)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.ReportNotWritable(folder, e, diagnostics);
            return false;
        }
    }

    /// <summary>Names all files. After a failure those that have replaced nothing are removed again.</summary>
    private static bool Commit(List<AtomicFile> files, bool force, DiagnosticBag diagnostics)
    {
        for (var i = 0; i < files.Count; i++)
        {
            if (files[i].Commit(diagnostics))
                continue;
            foreach (var file in files.Take(force ? 0 : i))
                File.Delete(file.Path);
            return false;
        }

        return true;
    }
}
