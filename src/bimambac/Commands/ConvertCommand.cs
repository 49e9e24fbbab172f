using System.CommandLine;
using BiMamba.CommandLine.Journal;
using BiMamba.CommandLine.Models;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using BiMamba.Text;
using BiMamba.Toolchain.Models;

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
    private readonly Argument<string> checkpoint = new("checkpoint") { Description = "A checkpoint folder, or a .safetensors, .bin or .pt file." };
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
        var target = context.Get(output);
        var text = calibration.File(context) ?? context.Get(validate);
        if (!flags.Check(context) || !size.Check(context, context.Get(method), text) || !CheckOutput(context, target))
            return ExitCode.Ok;
        using var model = ModelLoader.LoadToRun(context.Get(checkpoint), common.Import(context.Result), context.Diagnostics);
        if (model is null || !DiffersFromInputs(context, model, target) || ChoosePipeline(context, model.Module) is not { } stages || !calibration.Check(context, stages))
            return ExitCode.Ok;
        if (!context.Terminal.IsQuiet)
            context.Terminal.WriteLine($"{context.Get(checkpoint)}: {model.Summary}");
        var data = calibration.Load(context, model, common.ThreadCount(context.Result));
        if (context.Diagnostics.HasErrors || size.Apply(context, model, stages, text) is not { } sized)
            return ExitCode.Ok;
        using var journal = data is null || context.Get(dryRun) ? null : OpenJournal(context, model, sized, data, target);
        if (context.Diagnostics.HasErrors)
            return ExitCode.Ok;
        return new ConvertRun(context, common, flags, model, sized, data, target, context.Get(validate), context.Get(dryRun), MemoryLimit.Parse(context.Get(maxMemory)), journal).Execute();
    }

    private PassJournal? OpenJournal(CommandContext context, LoadedModel model, PassPipeline stages, CalibrationData data, string target) =>
        JournalKey.Of(model, common.Import(context.Result), stages, data.Recipe, data.Samples, context.Diagnostics) is { } key ? PassJournal.Open(target, key, context.Get(resume), context) : null;

    private bool DiffersFromInputs(CommandContext context, LoadedModel model, string target) =>
        ((string?[])[target, flags.ReproducerPath(context)]).OfType<string>()
            .All(path => OutputCheck.DiffersFromInputs(path, [.. model.Files, context.Get(validate), calibration.File(context), size.File(context)], context.Diagnostics));

    private bool CheckOutput(CommandContext context, string target)
    {
        if (context.Get(maxMemory) is { } limit && MemoryLimit.Parse(limit) is null)
        {
            context.Diagnostics.Add(CommandDiagnostics.Usage, $"--max-memory: expected a size such as 2G or 512M, found '{limit}'", Place.None);
            return false;
        }

        if (context.Get(validate) is null && (context.Get(common.Context) ?? context.Get(common.MaxWindows)) is not null)
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--context and --max-windows go with --validate", Place.None);
        if (context.Get(resume) && (calibration.File(context) is null || context.Get(dryRun)))
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--resume goes with --calibration and without --dry-run", Place.None, "only what takes long has a journal");
        if (context.Diagnostics.HasErrors || context.Get(dryRun))
            return !context.Diagnostics.HasErrors;
        // Starting and dropping the file finds out now what would else be found after the work.
        using var probe = AtomicFile.Create(target, context.Get(common.Force), context.Diagnostics);
        return probe is not null;
    }

    private PassPipeline? ChoosePipeline(CommandContext context, Module module)
    {
        var (text, name) = (context.Get(pipeline), context.Get(method));
        if (text is not null && (name ?? context.Get(embedding)) is not null)
        {
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--pipeline says everything: it does not go with --method or --embedding", Place.None, "put quantize-embedding into the pipeline");
            return null;
        }

        if (!methods.Check(context, name))
            return null;
        if (name == "fbi" && module.Level != Level.Fbi)
        {
            context.Diagnostics.Add(CommandDiagnostics.WrongModel, $"--method fbi: expected a Bi-Mamba checkpoint, found a model at level {module.Level.Name()}", Place.OfFile(context.Get(checkpoint)), "leave --method out");
            return null;
        }

        if (name is not (null or "fbi" or "none") && module.Level != Level.Float)
        {
            context.Diagnostics.Add(CommandDiagnostics.WrongModel, $"--method {name}: expected a checkpoint in full precision, found a model at level {module.Level.Name()}", Place.OfFile(context.Get(checkpoint)), "leave --method out");
            return null;
        }

        var parsed = PassTable.Parse(new SourceText("pipeline", text ?? UsualPipeline(context, module, name)), context.Diagnostics);
        parsed = parsed is null ? null : flags.Cut(parsed, context);
        if (parsed is null || HasOtherFidelity(context, parsed) || PassManager.CheckLevels(parsed, module.Level, PassTable.All, context.Diagnostics) is not { } level)
            return null;
        if (level == Level.Packed && parsed.Stages.Length > 0)
            return parsed;
        if (level == Level.Packed)
        {
            context.Diagnostics.Add(CommandDiagnostics.WrongModel, "expected a checkpoint, found a .bimb file, which is converted already", Place.OfFile(context.Get(checkpoint)), "convert the checkpoint that it was made from, or recode its embedding with --embedding");
            return null;
        }

        context.Diagnostics.Add(PipelineDiagnostics.FinalLevel, $"a .bimb file holds level packed, but the pipeline ends at level {level.Name()}", new Place("pipeline"), "end it with pack");
        return null;
    }

    /// <summary>True, with an error, where --fidelity is given and a stage of the pipeline says otherwise.</summary>
    private bool HasOtherFidelity(CommandContext context, PassPipeline pipeline)
    {
        var wanted = context.Get(common.Fidelity);
        if (context.Result.GetResult(common.Fidelity) is not { Implicit: false })
            return false;
        var other = pipeline.Stages.FirstOrDefault(stage => stage.Options.Values.Any(pair => pair.Key == "fidelity" && pair.Value.ToString() != wanted));
        if (other is null)
            return false;
        context.Diagnostics.Add(CommandDiagnostics.Conflict, $"--fidelity says {wanted}, the pipeline says {other}", Place.None, $"write {other.Pass.Info.Name}{{fidelity={wanted}}}");
        return true;
    }

    private string UsualPipeline(CommandContext context, Module module, string? name)
    {
        var stages = new List<string>();
        if (name == "fbi" || (name is null && module.Level == Level.Fbi))
            stages.Add($"fold-fbi{{fidelity={context.Get(common.Fidelity)}}}");
        else if (name is null && module.Level == Level.Float)
            context.Diagnostics.Add(CommandDiagnostics.Advice, "the checkpoint is in full precision and is stored as it is", Place.None, "--method makes it low-bit: gptq and billm with --calibration TEXT, rtn, xnor, onebit and ternary without");
        if (name is not (null or "fbi" or "none"))
            stages.Add(methods.Stage(context, name));
        if (context.Get(embedding) is { } encoding)
            stages.Add(encoding == "f16" ? "quantize-embedding{bits=16}" : $"quantize-embedding{{bits={encoding[1..]}}}");
        if (module.Level != Level.Packed)
            stages.Add("pack");
        return string.Join(" | ", stages);
    }
}
