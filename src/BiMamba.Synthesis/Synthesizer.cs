using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;
using BiMamba.Formats.Safetensors;
using BiMamba.Tensors;

namespace BiMamba.Synthesis;

/// <summary>How far a checkpoint is written.</summary>
/// <param name="WrittenBytes">Bytes of tensors so far.</param>
/// <param name="TotalBytes">Bytes of all tensors.</param>
public readonly record struct SynthesisProgress(long WrittenBytes, long TotalBytes);

/// <summary>
/// Writes random checkpoints of the official shapes: safetensors files of at most 5 GB with their index, and
/// config.json. There is no tokenizer. The bytes are a function of the options; the memory does not grow with the size.
/// </summary>
/// <remarks>
/// Weights are N(0, 0.02^2), convolutions N(0, 0.2^2), norms N(1, 0.1^2), D is 1, A_log the logarithm of a uniform
/// value between 1 and 16, the bias of the time step such that its softplus is log-uniform between 0.001 and 0.1.
/// Column scales of Bi-Mamba are log-uniform between 0.01 and 0.04, one in ten negative; column shifts N(0, 0.002^2).
/// </remarks>
public static class Synthesizer
{
    /// <summary>Writes a checkpoint.</summary>
    /// <param name="options">What to write.</param>
    /// <param name="directory">The folder; it is made if it does not exist.</param>
    /// <param name="force">True to replace the checkpoint in the folder: config.json, model*.safetensors and their index. Other files stay.</param>
    /// <param name="diagnostics">Receives <see cref="OutputDiagnostics"/>.</param>
    /// <param name="progress">Told after each piece of about 1 MB, on the calling thread; or null.</param>
    /// <param name="cancellationToken">Looked at between pieces.</param>
    /// <returns>False after an error; nothing is left behind then.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public static bool Write(
        SynthesisOptions options,
        string directory,
        bool force,
        DiagnosticBag diagnostics,
        IProgress<SynthesisProgress>? progress,
        CancellationToken cancellationToken) =>
        Write(ModelShape.Of(options), options, directory, force, diagnostics, progress, cancellationToken);

    /// <summary>Writes a checkpoint of any shape; of the options, seed, type and shard limit count.</summary>
    internal static bool Write(
        ModelShape shape,
        SynthesisOptions options,
        string directory,
        bool force,
        DiagnosticBag diagnostics,
        IProgress<SynthesisProgress>? progress,
        CancellationToken cancellationToken)
    {
        var plan = CheckpointPlan.Of(shape, options.Type);
        using var folder = CheckpointFolder.Create(directory, force, plan.ByteLength, diagnostics);
        if (folder is null)
            return false;
        var found = new DiagnosticBag();
        var tensors = Observe(Tensors(plan, options), plan.ByteLength, progress);
        var written = SafetensorsWriter.WriteSharded(folder.Staging, tensors, Metadata(shape, options), options.MaxShardBytes, false, found, cancellationToken)
            && WriteConfig(folder.StagedConfig, shape, found);
        folder.Report(found, diagnostics);
        cancellationToken.ThrowIfCancellationRequested();
        return written && folder.Commit(diagnostics);
    }

    /// <summary>Writes a checkpoint as one GGUF file, with the values that the folder of the same options has.</summary>
    /// <param name="options">What to write; the architecture is Mamba-2.</param>
    /// <param name="gguf">How it is stored.</param>
    /// <param name="path">The file.</param>
    /// <param name="force">True to replace an existing file.</param>
    /// <param name="diagnostics">Receives <see cref="OutputDiagnostics"/>.</param>
    /// <param name="progress">Told after each piece, in bytes before they are encoded, on the calling thread; or null.</param>
    /// <param name="cancellationToken">Looked at between pieces.</param>
    /// <returns>False after an error; nothing is left behind then.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public static bool WriteGguf(
        SynthesisOptions options,
        GgufOptions gguf,
        string path,
        bool force,
        DiagnosticBag diagnostics,
        IProgress<SynthesisProgress>? progress,
        CancellationToken cancellationToken) =>
        WriteGguf(ModelShape.Of(options), options, gguf, path, force, diagnostics, progress, cancellationToken);

    /// <summary>Writes a GGUF file of any shape; of the options, seed and type count.</summary>
    internal static bool WriteGguf(
        ModelShape shape,
        SynthesisOptions options,
        GgufOptions gguf,
        string path,
        bool force,
        DiagnosticBag diagnostics,
        IProgress<SynthesisProgress>? progress,
        CancellationToken cancellationToken)
    {
        var plan = CheckpointPlan.Of(shape, options.Type);
        var tensors = GgufLayout.Tensors(Observe(Tensors(plan, options), plan.ByteLength, progress), gguf);
        return GgufWriter.Write(path, GgufLayout.Metadata(shape, options, gguf), tensors, force, diagnostics, cancellationToken);
    }

    /// <summary>The tensors of a plan, computed as they are read.</summary>
    internal static IReadOnlyList<KeyValuePair<string, Tensor>> Tensors(CheckpointPlan plan, SynthesisOptions options)
    {
        var sampler = new TensorSampler(options.Seed, options.Type);
        return [.. plan.Tensors.Select(tensor => KeyValuePair.Create(tensor.Name, sampler.Sample(tensor.Name, tensor.Shape, tensor.Distribution)))];
    }

    private static IReadOnlyList<KeyValuePair<string, Tensor>> Observe(IReadOnlyList<KeyValuePair<string, Tensor>> tensors, long total, IProgress<SynthesisProgress>? progress)
    {
        if (progress is null)
            return tensors;
        long written = 0;
        return [.. tensors.Select(pair => KeyValuePair.Create(pair.Key, (Tensor)new ObservedTensor(pair.Value, Count)))];

        void Count(int bytes) => progress.Report(new SynthesisProgress(written += bytes, total));
    }

    private static bool WriteConfig(string path, ModelShape shape, DiagnosticBag diagnostics)
    {
        try
        {
            using var file = AtomicFile.Create(path, false, diagnostics);
            if (file is null)
                return false;
            file.Stream.Write(ConfigWriter.Write(shape));
            return file.Commit(diagnostics);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.ReportNotWritable(path, e, diagnostics);
            return false;
        }
    }

    /// <summary>The loaders of Hugging Face want the format; the rest says that the weights are random, and which.</summary>
    private static Dictionary<string, string> Metadata(ModelShape shape, SynthesisOptions options) => new(StringComparer.Ordinal)
    {
        ["format"] = "pt",
        ["synthetic"] = string.Create(CultureInfo.InvariantCulture, $"{shape.Architecture.Word} of random weights, seed {options.Seed}"),
    };
}
