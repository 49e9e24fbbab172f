using System.CommandLine;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Pipeline;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Conversion;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

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

    /// <summary>What is said of a calibration; null without --calibration.</summary>
    public CalibrationOptions? Options(CommandContext context)
    {
        if (File(context) is not { } text)
            return null;
        var defaults = new CalibrationOptions(text);
        return defaults with { Samples = context.Get(samples) ?? defaults.Samples, SequenceLength = context.Get(length) ?? defaults.SequenceLength, Seed = context.Get(seed) ?? defaults.Seed };
    }

    /// <summary>True where the options fit the pipeline; otherwise an error.</summary>
    public bool Check(CommandContext context, PassPipeline pipeline)
    {
        if (File(context) is null && (context.Get(samples) ?? context.Get(length) ?? context.Get(seed)) is not null)
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--nsamples, --seqlen and --seed go with --calibration", Place.None);
        else
            CalibrationData.Check(Options(context), pipeline, context.Diagnostics);
        return !context.Diagnostics.HasErrors;
    }

    /// <summary>The data; null without --calibration, and where the context's bag got an error.</summary>
    public CalibrationData? Load(CommandContext context, LoadedModel model, int threads) =>
        Options(context) is { } options ? CalibrationData.Load(options, model, threads, context.Diagnostics, context.Cancellation) : null;
}
