using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Evaluation;
using BiMamba.Export.Gguf;
using BiMamba.Export.Safetensors;
using BiMamba.Formats.Bimb;
using BiMamba.Formats.Gguf;
using BiMamba.Formats.Safetensors;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Runtime;
using BiMamba.Tensors;
using BiMamba.Text;
using BiMamba.Tokenizers;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;
using BiMamba.Weights;

namespace BiMamba.CommandLine.Exports;

/// <summary>One export: the passes that the format needs, the file, what it lost, the comparison with its source.</summary>
internal sealed class ExportRun(CommandContext context, CommonOptions common, LoadedModel model, ExportRequest request)
{
    private readonly Terminal terminal = context.Terminal;
    private readonly bool force = context.Get(common.Force);

    /// <summary>Does it; errors are in the context's bag.</summary>
    public void Execute()
    {
        var plan = request.Validate is null ? null : PlanValidation();
        if (context.Diagnostics.HasErrors || !FiniteWeights.Check(model.Module, model.Path, Parallel, context.Diagnostics) || Lower(out var pipeline) is not { } module || HashSources() is not { } sources)
            return;
        var provenance = JsonSerializer.Serialize(
            new ProvenanceJson(1, "bimambac", ToolVersion.Text, pipeline, sources) { Recipe = model.Owned is BimbFile bimb ? JsonDocument.Parse(bimb.Recipe).RootElement : null }, Schema.Plain.ProvenanceJson);
        var losses = new List<WeightLoss>();
        var written = request.Format switch
        {
            ExportFormats.Gguf => WriteGguf(module, provenance, losses),
            ExportFormats.Packed => WritePacked(module, provenance),
            _ => WriteFolder(module, provenance),
        };
        ComparisonResult? comparison = null;
        if (written && (plan is null || Compare(plan, out comparison)))
            Report(pipeline, losses, comparison);
    }

    private ParallelOptions Parallel => new() { MaxDegreeOfParallelism = common.ThreadCount(context.Result), CancellationToken = context.Cancellation };

    /// <summary>The module as the format takes it.</summary>
    private Module? Lower(out string pipeline)
    {
        var level = model.Module.Level;
        pipeline = request.Format switch
        {
            ExportFormats.Gguf => level == Level.Fbi && GgufExportOptions.WantsFolding(request.Linear) ? "fold-fbi" : "",
            ExportFormats.Packed => level == Level.Packed ? "" : level == Level.Fbi ? "fold-fbi | pack" : "pack",
            ExportFormats.HuggingFace => request.Linear == GgmlType.F32 ? "dequantize | cast{dtype=f32}" : $"dequantize | cast{{dtype={request.Linear.Name}}}",
            _ => "",
        };
        if (pipeline.Length == 0)
            return model.Module;
        var stages = PassTable.Parse(new SourceText("pipeline", pipeline), context.Diagnostics)!;
        return PassManager.Run(model.Module, stages, new PassContext(context.Diagnostics, common.ThreadCount(context.Result), context.Cancellation, new DirectProgress<PassProgress>(new PassProgressLine(terminal).Report)));
    }

    private IReadOnlyList<SourceJson>? HashSources()
    {
        var line = new ProgressLine(terminal, "hash inputs", inBytes: true);
        using var hashes = SourceHashes.Start(
            model.Files, model.Module.Files, common.ThreadCount(context.Result), new DirectProgress<(long Done, long Total)>(bytes => line.Report(bytes.Done, bytes.Total)), context.Diagnostics, context.Cancellation);
        return hashes?.Finish();
    }

    private bool WriteGguf(Module module, string provenance, List<WeightLoss> losses)
    {
        var options = new GgufExportOptions(
            request.Linear, request.Head, request.Strict, request.Name ?? model.Module.FindWord("arch") ?? model.Module.Name, provenance, "bimambac " + ToolVersion.Text);
        if (GgufExporter.Create(module, model.Tokenizer, options, model.Path, context.Diagnostics) is not { } exporter)
            return false;
        var line = new ProgressLine(terminal, "measure", inBytes: true);
        if (!exporter.Measure(Parallel, context.Diagnostics, new DirectProgress<long>(done => line.Report(done, exporter.TensorBytes))))
            return false;
        losses.AddRange(exporter.Losses);
        return exporter.Write(request.Target, force, context.Diagnostics, context.Cancellation);
    }

    private bool WritePacked(Module module, string provenance)
    {
        var tokenizer = model.Tokenizer is { } known ? System.Text.Encoding.UTF8.GetString(known.Source.Span) : "";
        return SafetensorsWriter.Write(request.Target, PackedLayout.Tensors(module), PackedLayout.Metadata(module, tokenizer, provenance), force, context.Diagnostics, context.Cancellation);
    }

    private bool WriteFolder(Module module, string provenance)
    {
        var checkpoint = request.Format == ExportFormats.BiMamba
            ? BiMambaLayout.Create(module, model.Path, context.Diagnostics)
            : HuggingFaceLayout.Create(module, model.Path, context.Diagnostics);
        if (checkpoint is null)
            return false;
        var line = new ProgressLine(terminal, "write", inBytes: true);
        // The loaders of Hugging Face want the format.
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt", ["provenance"] = provenance };
        return checkpoint.Write(
            request.Target, model.Tokenizer, metadata, request.ShardBytes, force, context.Diagnostics, new DirectProgress<long>(done => line.Report(done, checkpoint.TensorBytes)), context.Cancellation);
    }

    private WindowPlan? PlanValidation() =>
        CorpusReader.Read(request.Validate!, model.Tokenizer, model.Module.VocabularyRows, context.Diagnostics, context.Cancellation) is { } corpus
            ? WindowPlan.Create(corpus, context.Get(common.Context) ?? Protocol.Gptq.DefaultContext, context.Get(common.MaxWindows), context.Diagnostics)
            : null;

    private bool Compare(WindowPlan plan, out ComparisonResult? comparison)
    {
        comparison = null;
        var tokenizer = model.Tokenizer is BytesTokenizer ? BytesTokenizer.KindName : null;
        using var written = ModelLoader.LoadToRun(request.Target, new Frontend.ImportOptions(TokenizerPath: tokenizer), context.Diagnostics);
        if (written is null)
            return false;
        var line = new ProgressLine(terminal, "validate");
        var options = common.ReferenceRuntime(context.Result);
        comparison = new ModelComparison(new ModelRunner(model.Module, options), new ModelRunner(written.Module, options), plan).Run(
            context.Diagnostics, new DirectProgress<EvaluationProgress>(p => line.Report(p.Windows, p.Total, string.Create(CultureInfo.InvariantCulture, $"perplexity {p.Perplexity:0.0000}"))), context.Cancellation);
        return comparison is not null;
    }

    private void Report(string pipeline, IReadOnlyList<WeightLoss> losses, ComparisonResult? comparison)
    {
        var files = request.IsFile ? [request.Target] : Directory.GetFiles(request.Target).Order(StringComparer.Ordinal).ToArray();
        var bytes = files.Sum(file => new FileInfo(file).Length);
        if (context.IsJson)
        {
            var validation = comparison is null ? null : ValidationJson.Of(request.Target, comparison, null, null);
            terminal.Output.WriteLine(JsonSerializer.Serialize(
                new ExportJson(1, request.Target, request.Format, request.Linear.Name, request.Format == ExportFormats.Gguf ? request.Head.Name : null, pipeline, bytes, losses, validation, DiagnosticJson.Of(context)),
                Schema.Plain.ExportJson));
            return;
        }

        var types = request.Format switch
        {
            ExportFormats.Gguf => $"projections {request.Linear.Name}, embedding {request.Head.Name}",
            ExportFormats.HuggingFace => $"layout {request.Format}, {request.Linear.Name}",
            _ => $"layout {request.Format}",
        };
        terminal.Output.WriteLine($"{request.Target}: {request.Format switch { ExportFormats.Gguf => "GGUF", _ => "safetensors" }}, {types}, {SizeLedger.Show(bytes)}");
        if (comparison is not null)
            new ConvertReport(terminal.Output, terminal.IsVerbose).Write(comparison);
    }
}
