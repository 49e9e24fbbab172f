using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Export.Structure;
using BiMamba.Formats.Gguf;
using BiMamba.IR;
using BiMamba.Tokenizers;

namespace BiMamba.Export.Gguf;

/// <summary>Writes a module as a GGUF file of version 3, architecture <c>mamba</c> or <c>mamba2</c>.</summary>
public sealed class GgufExporter
{
    private readonly IReadOnlyList<KeyValuePair<string, GgufValue>> metadata;
    private readonly IReadOnlyList<PlannedTensor> tensors;
    private readonly GgufExportOptions options;
    private readonly string file;

    private GgufExporter(IReadOnlyList<KeyValuePair<string, GgufValue>> metadata, IReadOnlyList<PlannedTensor> tensors, GgufExportOptions options, string file)
    {
        this.metadata = metadata;
        this.tensors = tensors;
        this.options = options;
        this.file = file;
    }

    /// <summary>What each weight matrix loses; empty before <see cref="Measure"/>.</summary>
    public IReadOnlyList<WeightLoss> Losses { get; private set; } = [];

    /// <summary>Bytes of all tensors.</summary>
    public long TensorBytes => tensors.Sum(tensor => tensor.Stored.ByteLength);

    /// <summary>Prepares a file; reads only small tensors.</summary>
    /// <param name="module">A module of any level, with its weights.</param>
    /// <param name="tokenizer">Its tokenizer, or null for a file without one, which programs around llama.cpp refuse.</param>
    /// <param name="options">How it is stored.</param>
    /// <param name="file">The model as messages name it.</param>
    /// <param name="diagnostics">Receives <see cref="ExportDiagnostics"/>.</param>
    /// <returns>Null after an error.</returns>
    public static GgufExporter? Create(Module module, Tokenizer? tokenizer, GgufExportOptions options, string file, DiagnosticBag diagnostics)
    {
        if (new StructureReader(module, file, diagnostics).Read() is not { } model)
            return null;
        GgufLimits.Check(model, file, diagnostics);
        if (diagnostics.HasErrors)
            return null;
        var metadata = GgufMetadata.Of(model, options).Concat(GgufVocabularyWriter.Of(tokenizer, model.Rows, file, diagnostics)).ToList();
        var tensors = new GgufTensorPlan(model, options, file, diagnostics).Create();
        return diagnostics.HasErrors ? null : new GgufExporter(metadata, tensors, options, file);
    }

    /// <summary>
    /// Encodes and decodes every weight matrix and compares it with what it stands for; says what is lost. False with
    /// <see cref="ExportDiagnostics.NotExact"/> where something is and exact files are wanted.
    /// </summary>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <param name="diagnostics">Receives the loss.</param>
    /// <param name="progress">Receives bytes of the file that are done.</param>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public bool Measure(ParallelOptions parallel, DiagnosticBag diagnostics, IProgress<long>? progress)
    {
        var matrices = tensors.Where(tensor => tensor.Exact is not null).ToArray();
        var losses = new WeightLoss[matrices.Length];
        long done = 0;
        Parallel.For(0, matrices.Length, parallel, i =>
        {
            losses[i] = WeightLoss.Measure(matrices[i], parallel.CancellationToken);
            progress?.Report(Interlocked.Add(ref done, matrices[i].Stored.ByteLength));
        });
        Losses = losses;
        if (Array.FindIndex(losses, loss => loss.Beyond is not null) is >= 0 and var index)
        {
            var (type, (coordinates, exact)) = (matrices[index].Stored.Type, losses[index].Beyond!.Value);
            diagnostics.Add(
                PipelineDiagnostics.NotFinite, string.Create(CultureInfo.InvariantCulture, $"element {coordinates}: expected a number that {type.Name} can hold, found {exact:R}"), new Place(file, losses[index].Tensor), "take f32 or bf16");
            return false;
        }

        var lossy = losses.Where(loss => loss.RelativeError > 0).ToArray();
        if (lossy.Length == 0)
            return true;
        var worst = lossy.MaxBy(loss => loss.RelativeError)!;
        var message = string.Create(CultureInfo.InvariantCulture, $"{lossy.Length} of {losses.Length} weight matrices have a relative error of {worst.RelativeError:0.0e+0} or less in the file, {lossy.Average(loss => loss.RelativeError):0.0e+0} on average");
        diagnostics.Add(options.Strict ? ExportDiagnostics.NotExact : ExportDiagnostics.Loss, message, new Place(file, worst.Tensor), options.Strict ? "take another type, or leave --strict out" : null);
        return !options.Strict;
    }

    /// <summary>Writes the file whole or not at all.</summary>
    /// <returns>False after an error.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public bool Write(string path, bool force, DiagnosticBag diagnostics, CancellationToken cancellation) =>
        GgufWriter.Write(path, metadata, [.. tensors.Select(tensor => tensor.Stored)], force, diagnostics, cancellation);
}
