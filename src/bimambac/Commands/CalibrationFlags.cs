using System.CommandLine;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;
using BiMamba.Runtime.Calibration;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Commands;

/// <summary>The data that passes look at, and what the recipe says of it.</summary>
internal sealed record CalibrationData(ICalibration Calibration, CalibrationJson Recipe, IReadOnlyList<int[]> Samples);

/// <summary>The options of the calibration of passes.</summary>
internal sealed class CalibrationFlags
{
    private readonly Option<string?> file = CommonOptions.InputFile(new Option<string?>("--calibration") { Description = "A text or a file of ids (.npy, .ids, .json) whose activations gptq and billm look at.", HelpName = "FILE" });
    private readonly Option<int?> samples = CommonOptions.Limited("--nsamples", "Windows of the calibration text (default: 128).", 1);
    private readonly Option<int?> length = CommonOptions.Limited("--seqlen", "Tokens of a calibration window (default: 2048).", 1);
    private readonly Option<int?> seed = CommonOptions.Limited("--seed", "Seed of the choice of windows, that of Python's random (default: 0).", 0);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[file, samples, length, seed])
            command.Add(option);
    }

    /// <summary>The file of --calibration, or null.</summary>
    public string? File(CommandContext context) => context.Get(file);

    /// <summary>True where the options fit the pipeline; otherwise an error.</summary>
    public bool Check(CommandContext context, PassPipeline pipeline)
    {
        if (File(context) is null && (context.Get(samples) ?? context.Get(length) ?? context.Get(seed)) is not null)
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--nsamples, --seqlen and --seed go with --calibration", Place.None);
        else if (File(context) is not null && !pipeline.Stages.Any(stage => stage.Pass is CalibratedPass))
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--calibration goes with a pass that looks at activations, and the pipeline has none", Place.None, "leave it out, or use --method gptq or billm");
        return !context.Diagnostics.HasErrors;
    }

    /// <summary>The data; null without --calibration, and where the context's bag got an error.</summary>
    public CalibrationData? Load(CommandContext context, LoadedModel model, int threads)
    {
        if (File(context) is not { } path || CorpusReader.Read(path, model.Tokenizer, model.Module.VocabularyRows, context.Diagnostics) is not { } corpus)
            return null;
        var (count, tokens, start) = (context.Get(samples) ?? 128, context.Get(length) ?? 2048, context.Get(seed) ?? 0);
        if (CalibrationSampler.Draw(corpus.Ids, count, tokens, start, path, context.Diagnostics) is not { } windows)
            return null;
        var recipe = new CalibrationJson(Path.GetFileName(path), corpus.Sha256, count, tokens, start) { Ngrams = NgramsJson.Of(windows, NgramSketch.LengthFor(model.Tokenizer)) };
        return new CalibrationData(new SampledCalibration(windows, threads), recipe, windows);
    }
}
