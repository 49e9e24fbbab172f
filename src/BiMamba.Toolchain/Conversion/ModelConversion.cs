using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Bimb;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using BiMamba.Toolchain.Journal;
using BiMamba.Toolchain.Models;
using Microsoft.Extensions.Logging;

namespace BiMamba.Toolchain.Conversion;

/// <summary>A conversion from its options to its result, in steps between which the command line has its own to say.</summary>
/// <param name="model">The model.</param>
/// <param name="load">How it was read.</param>
/// <param name="target">The file to write.</param>
/// <param name="options">What is asked for.</param>
/// <param name="context">Whom it tells what.</param>
internal sealed class ModelConversion(LoadedModel model, LoadOptions load, string target, ConvertOptions options, ConversionContext context)
{
    private readonly DiagnosticBag diagnostics = context.Diagnostics;

    /// <summary>True where the options go together and the output can be written; otherwise an error.</summary>
    public static bool CheckOutput(string target, ConvertOptions options, DiagnosticBag diagnostics)
    {
        if (options.Resume && (options.Calibration is null || options.DryRun))
            diagnostics.Add(CommandDiagnostics.Conflict, "--resume goes with --calibration and without --dry-run", Place.None, "only what takes long has a journal");
        if (diagnostics.HasErrors || options.DryRun)
            return !diagnostics.HasErrors;
        // Starting and dropping the file finds out now what would else be found after the work.
        using var probe = AtomicFile.Create(target, options.Force, diagnostics);
        return probe is not null;
    }

    /// <summary>All of it; null where the bag got an error.</summary>
    public ConvertResult? Run()
    {
        if (!CheckOutput(target, options, diagnostics) || !DiffersFromInputs(target) || ChooseStages() is not { } stages || !CalibrationData.Check(options.Calibration, stages, diagnostics))
            return null;
        var data = Calibrate();
        return diagnostics.HasErrors ? null : Run(stages, data);
    }

    /// <summary>True where a file to write is none of those that are read; otherwise an error.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="others">What else is read; null for what is not.</param>
    public bool DiffersFromInputs(string path, params IEnumerable<string?> others) =>
        OutputCheck.DiffersFromInputs(path, [.. model.Files, options.Validation?.Text, options.Calibration?.Text, .. others], diagnostics);

    /// <summary>The stages; null where the bag got an error.</summary>
    public PassPipeline? ChooseStages() => new PipelineChoice(model, load, options, diagnostics).Choose();

    /// <summary>Says what is converted, and reads what calibrated passes look at; null where there is nothing, or the bag got an error.</summary>
    public CalibrationData? Calibrate()
    {
        context.Logger.LogInformation("{Path}: {Summary}", model.Path, model.Summary);
        return options.Calibration is null ? null : CalibrationData.Load(options.Calibration, model, Limits.Threads(options.Threads), diagnostics, context.Cancellation);
    }

    /// <summary>Runs the stages and writes the file; null where the bag got an error.</summary>
    /// <param name="stages">The stages, which end at level packed.</param>
    /// <param name="data">What calibrated passes look at, or null.</param>
    public ConvertResult? Run(PassPipeline stages, CalibrationData? data)
    {
        using var journal = data is null || options.DryRun ? null : OpenJournal(stages, data);
        return diagnostics.HasErrors ? null : new ConvertRun(model, load, target, options, stages, data, journal, context).Execute();
    }

    /// <summary>Runs the stages and finds what the file would be, without writing it; null where the bag got an error.</summary>
    /// <inheritdoc cref="Run(PassPipeline, CalibrationData)" path="/param"/>
    public (BimbContent Content, BimbDigest Digest)? Digest(PassPipeline stages, CalibrationData? data) =>
        new ConvertRun(model, load, target, options, stages, data, journal: null, context).Digest();

    private PassJournal? OpenJournal(PassPipeline stages, CalibrationData data) =>
        JournalKey.Of(model, load.Import, stages, data.Recipe, data.Samples, diagnostics) is { } key ? PassJournal.Open(target, key, options.Resume, context) : null;
}
