using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Safetensors;
using BiMamba.Tensors;
using BiMamba.Tokenizers;

namespace BiMamba.Export.Safetensors;

/// <summary>A checkpoint folder ready to be written: tensors, configuration, tokenizer.</summary>
/// <param name="Tensors">The tensors under the names of the layout.</param>
/// <param name="Config">The bytes of config.json.</param>
public sealed record CheckpointExport(IReadOnlyList<KeyValuePair<string, Tensor>> Tensors, byte[] Config)
{
    private const string TokenizerName = "tokenizer.json";

    /// <summary>Bytes of all tensors.</summary>
    public long TensorBytes => Tensors.Sum(pair => pair.Value.ByteLength);

    /// <summary>Writes the folder: shards of safetensors with their index, config.json, and tokenizer.json where the model has one. All files appear or none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tokenizer">The tokenizer, or null.</param>
    /// <param name="metadata">The <c>__metadata__</c> of every shard.</param>
    /// <param name="maxShardBytes">The most bytes of tensors in one shard.</param>
    /// <param name="force">True to replace files.</param>
    /// <param name="diagnostics">Receives <see cref="OutputDiagnostics"/>.</param>
    /// <param name="progress">Receives bytes that are written.</param>
    /// <param name="cancellation">Looked at between pieces.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public bool Write(
        string folder, Tokenizer? tokenizer, IReadOnlyDictionary<string, string> metadata, long maxShardBytes, bool force, DiagnosticBag diagnostics, IProgress<long>? progress, CancellationToken cancellation)
    {
        using var target = CheckpointFolder.Create(folder, force, TensorBytes, diagnostics);
        if (target is null)
            return false;
        long done = 0;
        var observed = Tensors.Select(pair => KeyValuePair.Create(pair.Key, (Tensor)new ObservedTensor(pair.Value, bytes => progress?.Report(done += bytes)))).ToList();
        var found = new DiagnosticBag();
        var written = SafetensorsWriter.WriteSharded(target.Staging, observed, metadata, maxShardBytes, false, found, cancellation)
            && WriteFile(target.StagedConfig, Config, found)
            && (tokenizer is null or BytesTokenizer || WriteFile(Path.Combine(target.Staging, TokenizerName), tokenizer.Source.Span, found));
        target.Report(found, diagnostics);
        cancellation.ThrowIfCancellationRequested();
        return written && target.Commit(diagnostics);
    }

    private static bool WriteFile(string path, ReadOnlySpan<byte> bytes, DiagnosticBag diagnostics)
    {
        try
        {
            using var file = AtomicFile.Create(path, false, diagnostics);
            file?.Stream.Write(bytes);
            return file is not null && file.Commit(diagnostics);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.ReportNotWritable(path, e, diagnostics);
            return false;
        }
    }
}
