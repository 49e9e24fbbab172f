using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Formats.Bimb;
using BiMamba.IR;
using BiMamba.Pipeline;
using BiMamba.Runtime;
using BiMamba.Tokenizers;
using BiMamba.Toolchain.Journal;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;
using BiMamba.Weights;
using Microsoft.Extensions.Logging;

namespace BiMamba.Toolchain.Conversion;

/// <summary>One conversion: rewrites, writes, checks, compares.</summary>
/// <param name="model">The model.</param>
/// <param name="load">How it was read.</param>
/// <param name="target">The file to write.</param>
/// <param name="options">What is asked for.</param>
/// <param name="stages">The stages, which end at level packed.</param>
/// <param name="calibration">What calibrated passes look at, or null.</param>
/// <param name="journal">Keeps finished blocks, or null.</param>
/// <param name="context">Whom it tells what.</param>
internal sealed class ConvertRun(
    LoadedModel model, LoadOptions load, string target, ConvertOptions options, PassPipeline stages, CalibrationData? calibration, PassJournal? journal, ConversionContext context)
{
    /// <summary>Memory that a conversion needs besides the tensors that passes make: the runtime, tables, buffers.</summary>
    private const long FixedMemory = 160L << 20;

    private readonly int threads = Limits.Threads(options.Threads);

    // A .bimb file that is recoded was calibrated once, and its text stays one to keep away from.
    private readonly CalibrationJson? calibrated = calibration?.Recipe ?? RecipeCalibration.Of(model, context.Diagnostics);

    /// <summary>Does it; null where the bag got an error.</summary>
    public ConvertResult? Execute()
    {
        if (options.MaxMemory is { } limit && !CheckMemory(limit))
            return null;
        WindowPlan? plan = null;
        if (options.Validation is { } validation && (plan = PlanValidation(validation)) is null)
            return null;
        var overlap = plan is null ? null : RecipeCalibration.Compare(calibrated, plan, context.Diagnostics);
        using var hashes = options.Sources is null ? StartHashes() : null;
        if (options.Sources is null && hashes is null)
            return null;
        var passes = Passes(hashes);
        if (Rewrite(passes, options.Sources ?? hashes!.Unhashed) is not { } content)
            return null;
        var bytes = options.DryRun ? BimbWriter.Measure(target, content, context.Diagnostics) : Write(content, hashes);
        if (bytes is null)
            return null;
        journal?.Remove();
        ComparisonResult? comparison = null;
        if (plan is not null && !options.DryRun && !Compare(plan, out comparison))
            return null;
        return new ConvertResult(target, !options.DryRun, stages.ToString(), SizeLedger.Of(content.Module, bytes.Value, isWritten: true), passes.Measurements, comparison, overlap);
    }

    /// <summary>What the file would be, without writing it; null where the bag got an error. The hashes of the inputs are known.</summary>
    public (BimbContent Content, BimbDigest Digest)? Digest()
    {
        var sources = options.Sources ?? throw new InvalidOperationException("the recipe needs the hashes of the inputs");
        if (Rewrite(Passes(null), sources) is not { } content)
            return null;
        var total = content.Module.Resources.Values.Sum(resource => resource.Data.ByteLength);
        var digest = BimbDigest.Of(target, content, threads, context.Diagnostics, context.Begin(ConversionStep.Verify, total), context.Cancellation);
        return digest is null ? null : (content, digest);
    }

    private PassContext Passes(SourceHashes? hashes) =>
        new(context.Diagnostics, calibration is null ? ThreadsBeside(hashes) : threads, context.Cancellation, context.Passes) { Calibration = calibration?.Calibration, Journal = journal };

    /// <summary>Runs the stages: what the file is to hold, or null where the bag got an error.</summary>
    private BimbContent? Rewrite(PassContext passes, IReadOnlyList<SourceJson> sources)
    {
        // What calibration would only show as activations of no use is named by its tensor.
        if (calibration is not null && !AreFinite(model.Module))
            return null;
        if (Timed("passes", () => context.RunPasses(model.Module, stages, passes)) is not { } module)
            return null;
        context.AfterPasses(passes);
        return !AreFinite(module) ? null : new BimbContent(module, Recipe(module, sources), Tokenizer());
    }

    private bool AreFinite(Module module) => Timed("look for NaN", () => FiniteWeights.Check(
        module, model.Path, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = context.Cancellation }, context.Diagnostics));

    private SourceHashes? StartHashes() => SourceHashes.Start(
        model.Files, model.Module.Files, options.DryRun ? 1 : threads, context.HashInputs, context.Diagnostics, context.Cancellation);

    /// <summary>One thread is left to the hash of the inputs, which takes longest.</summary>
    private int ThreadsBeside(SourceHashes? hashes) =>
        Math.Max(1, threads - (hashes is { IsRunning: true } ? 1 : 0));

    private T Timed<T>(string what, Func<T> work)
    {
        var start = Stopwatch.GetTimestamp();
        var result = work();
        context.Logger.LogDebug("{What}: {Seconds:0.00} s", what, Stopwatch.GetElapsedTime(start).TotalSeconds);
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

    private BimbTokenizer Tokenizer() => model.Tokenizer switch
    {
        null => BimbTokenizer.None,
        BytesTokenizer => BimbTokenizer.Bytes,
        var other => BimbTokenizer.Json(other.Source),
    };

    private string Recipe(Module module, IReadOnlyList<SourceJson> sources) => JsonSerializer.Serialize(
        new RecipeJson(
            1, "bimambac", ToolVersion.Text, stages.ToString(), module.FindWord("arch") ?? "", module.FindWord("layout") ?? "", load.Import.Fidelity,
            sources, model.Tokenizer?.Hash ?? "")
        { NormGroupSize = load.NormGroupSize, Calibration = calibrated },
        RecipeSchema.Plain.RecipeJson);

    /// <summary>Writes the tensors and reads them back while the inputs are hashed, then what needs those hashes. The bytes of the file, or null after an error.</summary>
    private long? Write(BimbContent content, SourceHashes? hashes)
    {
        using var output = BimbOutput.Create(target, content, options.Force, context.Diagnostics);
        var total = content.Module.Resources.Values.Sum(resource => resource.Data.ByteLength);
        if (output is null || !Timed("write", () => output.WriteData(ThreadsBeside(hashes), context.Diagnostics, context.Begin(ConversionStep.Write, total), context.Cancellation)))
            return null;
        if (Timed("read back", () => output.ReadBack(ThreadsBeside(hashes), context.Diagnostics, context.Begin(ConversionStep.Verify, total), context.Cancellation)) is not { } readBack)
            return null;
        var recipe = hashes is null ? content.Recipe : Recipe(content.Module, Timed("wait for the hashes of the inputs", hashes.Finish));
        return Timed("finish", () => output.Commit(recipe, context.Diagnostics) && VerifyWritten(readBack)) ? new FileInfo(target).Length : null;
    }

    /// <summary>The windows of a validation, found before the work so that a text that does not do costs nothing.</summary>
    private WindowPlan? PlanValidation(ValidationOptions validation) =>
        CorpusReader.Read(validation.Text, model.Tokenizer, model.Module.VocabularyRows, context.Diagnostics, context.Cancellation) is { } corpus
            ? WindowPlan.Create(corpus, validation.Context ?? Protocol.Gptq.DefaultContext, validation.MaxWindows, context.Diagnostics)
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
        var runtime = RuntimeOptions.Reference with { Threads = threads };
        context.Report(ConversionStep.Validate, "", "", 0, plan.Count);
        try
        {
            comparison = new ModelComparison(new ModelRunner(model.Module, runtime), new ModelRunner(written.Module, runtime), plan)
                .Run(context.Diagnostics, new DirectProgress<EvaluationProgress>(p => context.Report(ConversionStep.Validate, "", string.Create(CultureInfo.InvariantCulture, $"perplexity {p.Perplexity:0.0000}"), p.Windows, p.Total)), context.Cancellation);
            return comparison is not null;
        }
        finally
        {
            if (context.Cancellation.IsCancellationRequested && comparison is null)
                context.Logger.LogWarning("{Path}: written and verified, but not validated", target);
        }
    }
}
