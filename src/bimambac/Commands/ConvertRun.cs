using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Journal;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Formats.Bimb;
using BiMamba.IR;
using BiMamba.Pipeline;
using BiMamba.Runtime;
using BiMamba.Tensors;
using BiMamba.Tokenizers;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;
using Microsoft.Extensions.Logging;

namespace BiMamba.CommandLine.Commands;

/// <summary>One conversion: rewrites, writes, checks, compares, reports.</summary>
internal sealed class ConvertRun(
    CommandContext context, CommonOptions common, PassRunFlags flags, LoadedModel model, PassPipeline stages, CalibrationData? calibration, string target, string? validate, bool dryRun, long? maxMemory, PassJournal? journal)
{
    /// <summary>Memory that a conversion needs besides the tensors that passes make: the runtime, tables, buffers.</summary>
    private const long FixedMemory = 160L << 20;

    private readonly Terminal terminal = context.Terminal;
    private readonly ConvertProgress progress = new(context.Terminal);

    // A .bimb file that is recoded was calibrated once, and its text stays one to keep away from.
    private readonly CalibrationJson? calibrated = calibration?.Recipe ?? RecipeCalibration.Of(model, context.Diagnostics);

    /// <summary>Does it; errors are in the context's bag.</summary>
    public ExitCode Execute()
    {
        if (maxMemory is { } limit && !CheckMemory(limit))
            return ExitCode.Ok;
        WindowPlan? plan = null;
        if (validate is not null && (plan = PlanValidation()) is null)
            return ExitCode.Ok;
        var overlap = plan is null ? null : RecipeCalibration.Compare(calibrated, plan, context.Diagnostics);
        using var hashes = dryRun ? null : StartHashes();
        if (hashes is null && !dryRun)
            return ExitCode.Ok;
        var passes = new PassContext(context.Diagnostics, calibration is null ? ThreadsBeside(hashes) : common.ThreadCount(context.Result), context.Cancellation, progress.Passes) { Calibration = calibration?.Calibration, Journal = journal };
        if (Timed("passes", () => flags.Run(model.Module, stages, passes, context, model.Path)) is not { } module)
            return ExitCode.Ok;
        foreach (var line in terminal.IsVerbose ? CalibrationCost.Lines(passes.Measurements, common.ThreadCount(context.Result)) : [])
            terminal.Logger.LogInformation("{Line}", line);
        var content = new BimbContent(module, Recipe(module, UnknownSources()), Tokenizer());
        var bytes = hashes is null ? BimbWriter.Measure(target, content, context.Diagnostics) : Write(content, hashes);
        if (bytes is null)
            return ExitCode.Ok;
        journal?.Remove();
        ComparisonResult? comparison = null;
        if (plan is not null && !dryRun && !Compare(plan, out comparison))
            return ExitCode.Ok;
        Report(module, bytes.Value, passes.Measurements, comparison, overlap);
        return ExitCode.Ok;
    }

    private SourceHashes? StartHashes() => SourceHashes.Start(
        model.Files, model.Module.Resources.Values.Select(resource => resource.Data).OfType<MappedTensor>().Select(tensor => tensor.Map),
        common.ThreadCount(context.Result), progress.Input, context.Diagnostics, context.Cancellation);

    /// <summary>One thread is left to the hash of the inputs, which takes longest.</summary>
    private int ThreadsBeside(SourceHashes? hashes) =>
        Math.Max(1, common.ThreadCount(context.Result) - (hashes is { IsRunning: true } ? 1 : 0));

    private T Timed<T>(string what, Func<T> work)
    {
        var start = Stopwatch.GetTimestamp();
        var result = work();
        if (terminal.IsVerbose)
            terminal.Logger.LogInformation("{What}: {Seconds:0.00} s", what, Stopwatch.GetElapsedTime(start).TotalSeconds);
        return result;
    }

    private bool CheckMemory(long limit)
    {
        var planes = model.Module.Blocks.SelectMany(block => block.Body)
            .Where(op => op.Code is OpCode.FbiLinear or OpCode.SignLinear)
            .Sum(op => Encoding.Sign1.ByteLength(model.Module.Resources[op.Operands.First(operand => operand.IsResource).Name].Shape));
        var codes = stages.Stages.Any(stage => stage.Pass.Info.Name == "quantize-embedding")
            ? model.Module.Resources.Values.Where(resource => resource.Shape.Rank == 2 && resource.Shape[0] == model.Module.VocabularyRows).Sum(resource => resource.Data.ByteLength)
            : 0;
        var needed = FixedMemory + planes + codes;
        if (needed <= limit)
            return true;
        context.Diagnostics.Add(CommandDiagnostics.Memory, string.Create(CultureInfo.InvariantCulture, $"the conversion needs about {SizeLedger.Show(needed)}, --max-memory allows {SizeLedger.Show(limit)}"), Place.None);
        return false;
    }

    /// <summary>The sources with zeros for their hashes, which have the length of hashes.</summary>
    private IReadOnlyList<SourceJson> UnknownSources() =>
        [.. model.Files.Select(file => new SourceJson(Path.GetFileName(file), new FileInfo(file).Length, new string('0', 2 * SHA256.HashSizeInBytes)))];

    private BimbTokenizer Tokenizer() => model.Tokenizer switch
    {
        null => BimbTokenizer.None,
        BytesTokenizer => BimbTokenizer.Bytes,
        var other => BimbTokenizer.Json(other.Source),
    };

    private string Recipe(Module module, IReadOnlyList<SourceJson> sources) => JsonSerializer.Serialize(
        new RecipeJson(
            1, "bimambac", ToolVersion.Text, stages.ToString(), module.FindWord("arch") ?? "", module.FindWord("layout") ?? "", context.Get(common.Fidelity),
            sources, model.Tokenizer?.Hash ?? "")
        { Calibration = calibrated },
        RecipeSchema.Plain.RecipeJson);

    /// <summary>Writes the tensors and reads them back while the inputs are hashed, then what needs those hashes. The bytes of the file, or null after an error.</summary>
    private long? Write(BimbContent content, SourceHashes hashes)
    {
        using var output = BimbOutput.Create(target, content, context.Get(common.Force), context.Diagnostics);
        var total = content.Module.Resources.Values.Sum(resource => resource.Data.ByteLength);
        if (output is null || !Timed("write", () => output.WriteData(ThreadsBeside(hashes), context.Diagnostics, progress.Write(total), context.Cancellation)))
            return null;
        if (Timed("read back", () => output.ReadBack(ThreadsBeside(hashes), context.Diagnostics, progress.Verify(total), context.Cancellation)) is not { } readBack)
            return null;
        var recipe = Recipe(content.Module, Timed("wait for the hashes of the inputs", hashes.Finish));
        return Timed("finish", () => output.Commit(recipe, context.Diagnostics) && VerifyWritten(readBack)) ? new FileInfo(target).Length : null;
    }

    /// <summary>The windows of --validate, found before the work so that a text that does not do costs nothing.</summary>
    private WindowPlan? PlanValidation() =>
        CorpusReader.Read(validate!, model.Tokenizer, model.Module.VocabularyRows, context.Diagnostics) is { } corpus
            ? WindowPlan.Create(corpus, context.Get(common.Context) ?? Protocol.Gptq.DefaultContext, context.Get(common.MaxWindows), context.Diagnostics)
            : null;

    /// <summary>Checks the file by its name as any reader would, but for the tensors, which were read back before it had one.</summary>
    private bool VerifyWritten(IReadOnlyList<string> readBack)
    {
        using (var written = BimbReader.Open(target, context.Diagnostics))
        {
            if (written is not null && BimbVerifier.VerifyHashes(written, readBack, context.Diagnostics))
                return true;
        }

        // What the disk gives back is not what was written: nobody can use it.
        File.Delete(target);
        return false;
    }

    private bool Compare(WindowPlan plan, out ComparisonResult? comparison)
    {
        comparison = null;
        using var written = BimbReader.Open(target, context.Diagnostics);
        if (written is null)
            return false;
        var options = common.ReferenceRuntime(context.Result);
        var line = new ProgressLine(terminal, "validate");
        try
        {
            comparison = new ModelComparison(new ModelRunner(model.Module, options), new ModelRunner(written.Module, options), plan)
                .Run(context.Diagnostics, new DirectProgress<EvaluationProgress>(p => line.Report(p.Windows, p.Total, string.Create(CultureInfo.InvariantCulture, $"perplexity {p.Perplexity:0.0000}"))), context.Cancellation);
            return comparison is not null;
        }
        finally
        {
            if (context.Cancellation.IsCancellationRequested && comparison is null)
                terminal.WriteLine($"{target}: written and verified, but not validated");
        }
    }

    private void Report(Module module, long bytes, IReadOnlyList<PassMeasurement> measurements, ComparisonResult? comparison, NgramOverlap? overlap)
    {
        var ledger = SizeLedger.Of(module, bytes);
        if (context.IsJson)
        {
            var validation = comparison is null ? null : ValidationJson.Of(target, comparison, calibration is null ? overlap : null, overlap);
            terminal.Output.WriteLine(JsonSerializer.Serialize(ConvertReport.ToJson(context, target, !dryRun, stages, ledger, measurements, validation), Schema.Plain.ConvertJson));
            return;
        }

        new ConvertReport(terminal.Output, terminal.IsVerbose).Write(target, !dryRun, stages, ledger, measurements, comparison);
    }
}
