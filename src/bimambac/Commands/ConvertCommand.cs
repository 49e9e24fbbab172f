using System.CommandLine;
using System.Text.Json;
using BiMamba.CommandLine.Models;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Conversion;
using BiMamba.Toolchain.Models;
using Microsoft.Extensions.Logging;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac convert: checkpoint to IR, passes, .bimb, and the check of what was written.</summary>
internal sealed class ConvertCommand : CommandDefinition
{
    private const string Methods = "fbi|rtn|xnor|onebit|gptq|billm|ternary|none";

    private readonly CommonOptions common;
    private readonly PassRunFlags flags = new();
    private readonly CalibrationFlags calibration = new();
    private readonly MethodFlags methods = new();
    private readonly TargetSizeFlags size = new();
    private readonly Argument<string> checkpoint = new("checkpoint") { Description = "A checkpoint folder, or a .safetensors, .bin, .pt or .gguf file." };
    private readonly Option<string> output = new("--output", "-o") { Description = "The .bimb file to write.", Required = true, HelpName = "FILE" };
    private readonly Option<string?> pipeline = new("--pipeline") { Description = "Passes to run, such as \"fold-fbi | pack\", or a named pipeline, such as @fbi.", HelpName = "TEXT" };
    private readonly Option<string?> method = new("--method") { Description = "A usual pipeline by name: fbi folds and packs a Bi-Mamba checkpoint, none folds nothing: full-precision weights stay as they are, those of Bi-Mamba become signs beside their scales; the others are post-training methods with the defaults of their passes.", HelpName = Methods };
    private readonly Option<string?> embedding = new("--embedding") { Description = "Encoding of the embedding (default: as in the checkpoint).", HelpName = "f16|q8|q4" };
    private readonly Option<string?> validate = CommonOptions.InputFile(new Option<string?>("--validate") { Description = "A text: evaluate the source and the written file on it and compare them.", HelpName = "TEXT" });
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Say what would be written, and write nothing." };
    private readonly Option<bool> resume = new("--resume") { Description = "Go on with the journal that a run of the same conversion has left in OUTPUT.journal; the result is the same." };
    private readonly Option<string?> maxMemory = new("--max-memory") { Description = "Refuse work that needs more anonymous memory, such as 2G.", HelpName = "SIZE" };

    /// <summary>Makes the syntax.</summary>
    public ConvertCommand(CommonOptions common)
    {
        this.common = common;
        CommonOptions.Restrict(method, Methods.Split('|'));
        CommonOptions.Restrict(embedding, "f16", "q8", "q4");
        Command = new Command("convert", "Converts a checkpoint to a .bimb file.\nExample: bimambac convert golden/models/tiny-bimamba-official -o tiny.bimb --validate golden/text/held-64k.txt")
        {
            checkpoint, output, pipeline, method, embedding, validate, dryRun, resume, maxMemory, common.Context, common.MaxWindows, common.Force, common.Json, common.Threads,
        };
        flags.AddTo(Command);
        methods.AddTo(Command);
        calibration.AddTo(Command);
        size.AddTo(Command);
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        var (target, options) = (context.Get(output), Options(context));
        context.Outputs.Add(target);
        var text = options.Calibration?.Text ?? options.Validation?.Text;
        if (!flags.Check(context) || !size.Check(context, options.Method, text) || !CheckOutput(context, target, options))
            return ExitCode.Ok;
        var load = common.Load(context.Result);
        using var model = ModelLoader.LoadToRun(context.Get(checkpoint), load.Import, context.Diagnostics);
        if (model is null)
            return ExitCode.Ok;
        var conversion = new ModelConversion(model, load, target, options, Watched(context, model));
        if (!DiffersFromInputs(context, conversion, target) || conversion.ChooseStages() is not { } stages || !calibration.Check(context, stages))
            return ExitCode.Ok;
        var data = conversion.Calibrate();
        if (context.Diagnostics.HasErrors || size.Apply(context, model, stages, text) is not { } sized)
            return ExitCode.Ok;
        if (conversion.Run(sized, data) is { } result)
            Report(context, result, isCalibrated: data is not null);
        return ExitCode.Ok;
    }

    /// <summary>What the command line says of the conversion.</summary>
    private ConvertOptions Options(CommandContext context) => methods.Apply(context, new ConvertOptions
    {
        Pipeline = context.Get(pipeline),
        Method = context.Get(method),
        Embedding = context.Get(embedding),
        Calibration = calibration.Options(context),
        Validation = context.Get(validate) is { } text ? new ValidationOptions(text) { Context = context.Get(common.Context), MaxWindows = context.Get(common.MaxWindows) } : null,
        DryRun = context.Get(dryRun),
        Resume = context.Get(resume),
        Force = context.Get(common.Force),
        MaxMemory = MemoryLimit.Parse(context.Get(maxMemory)),
        Threads = common.ThreadCount(context.Result),
        StopAfter = flags.StopAfter(context),
    });

    /// <summary>Passes run under the wanted instruments, and --verbose says what blocks took beside what they must.</summary>
    private ConversionContext Watched(CommandContext context, LoadedModel model)
    {
        var terminal = context.Terminal;
        return new ConversionContext(context.Diagnostics, terminal.Logger, new ConvertProgress(terminal), context.Cancellation)
        {
            RunPasses = (module, stages, passes) => flags.Run(module, stages, passes, context, model.Path),
            AfterPasses = passes =>
            {
                foreach (var line in terminal.IsVerbose ? CalibrationCost.Lines(passes.Measurements, common.ThreadCount(context.Result)) : [])
                    terminal.Logger.LogDebug("{Line}", line);
            },
        };
    }

    private bool DiffersFromInputs(CommandContext context, ModelConversion conversion, string target) =>
        ((string?[])[target, flags.ReproducerPath(context)]).OfType<string>().All(path => conversion.DiffersFromInputs(path, size.File(context)));

    private bool CheckOutput(CommandContext context, string target, ConvertOptions options)
    {
        if (context.Get(maxMemory) is { } limit && options.MaxMemory is null)
        {
            context.Diagnostics.Add(CommandDiagnostics.Usage, $"--max-memory: expected a size such as 2G or 512M, found '{limit}'", Place.None);
            return false;
        }

        if (options.Validation is null && (context.Get(common.Context) ?? context.Get(common.MaxWindows)) is not null)
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--context and --max-windows go with --validate", Place.None);
        return ModelConversion.CheckOutput(target, options, context.Diagnostics);
    }

    private static void Report(CommandContext context, ConvertResult result, bool isCalibrated)
    {
        var (terminal, overlap) = (context.Terminal, result.CalibrationOverlap);
        if (!context.IsJson)
        {
            new ConvertReport(terminal.Output, terminal.IsVerbose).Write(result);
            return;
        }

        var validation = result.Validation is { } comparison ? ValidationJson.Of(result.Path, comparison, isCalibrated ? null : overlap, overlap) : null;
        terminal.Output.WriteLine(JsonSerializer.Serialize(ConvertReport.ToJson(context, result, validation), Schema.Plain.ConvertJson));
    }
}
