using System.CommandLine;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Models;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Frontend.Text;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Pipeline.Instruments;
using BiMamba.Tensors;
using BiMamba.Text;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Conversion;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac opt: text in, passes, text out.</summary>
internal sealed class OptCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly PassRunFlags flags = new();
    private readonly Argument<string> input = new("input") { Description = "A .bmir file of IR text, - for text on stdin, or any model." };
    private readonly Option<string?> pipeline = new("--pipeline") { Description = "Passes or named pipelines to run (default: the line '; pipeline: TEXT' of the text, else none).", HelpName = "TEXT" };
    private readonly Option<string?> weights = CommonOptions.InputFile(new Option<string?>("--weights") { Description = "The model that has the weights of the text (default: the .safetensors file beside it, if there is one).", HelpName = "MODEL" });
    private readonly Option<string?> output = new("--output", "-o") { Description = "Write the text to this .bmir file instead of stdout.", HelpName = "FILE" };
    private readonly Option<bool> saveWeights = new("--save-weights") { Description = "Write the weights beside the output, as a .safetensors file: together they are a model." };

    /// <summary>Makes the syntax.</summary>
    public OptCommand(CommonOptions common)
    {
        this.common = common;
        Command = new Command("opt", "Runs passes over IR text or a model and prints the IR text.\nExample: bimambac opt golden/models/tiny-bimamba-official --pipeline \"fold-fbi | pack\"")
        {
            input, pipeline, weights, output, saveWeights, common.Force, common.Threads,
        };
        flags.AddTo(Command);
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        if (!CheckOptions(context) || !flags.Check(context))
            return ExitCode.Ok;
        using var source = OptInput.Open(context.Get(input), context.Get(weights), common.Import(context.Result), Passes(context), context.Diagnostics);
        if (source is null || !DiffersFromInputs(context, source))
            return ExitCode.Ok;
        var text = context.Get(pipeline) is { } given ? new SourceText("pipeline", given) : source.DefaultPipeline;
        if (PassTable.Parse(text, context.Diagnostics) is not { } stages)
            return ExitCode.Ok;
        stages = flags.Cut(stages, context);
        if (PassManager.CheckLevels(stages, source.Module.Level, PassTable.All, context.Diagnostics) is null)
            return ExitCode.Ok;
        if (flags.Run(source.Module, stages, Passes(context), context, source.Model, source.Ran) is { } module)
            Write(module, Reproducer.RanLine(source.Ran, stages.Stages), context);
        return ExitCode.Ok;
    }

    private bool CheckOptions(CommandContext context)
    {
        var target = context.Get(output);
        if (target is null && context.Get(saveWeights))
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--save-weights goes with --output", Place.None);
        else if (target is not null && !IrFiles.IsIrText(target))
            context.Diagnostics.Add(CommandDiagnostics.Usage, $"--output: expected a file name that ends in {IR.Reading.IrParser.Extension}, found '{target}'", Place.None);
        else if (target is not null)
            CheckOutput(target, context);
        return !context.Diagnostics.HasErrors;
    }

    /// <summary>Starting and dropping the files finds out now what would else be found after the work.</summary>
    private void CheckOutput(string target, CommandContext context)
    {
        context.Outputs.Add(target);
        context.Outputs.Add(IrFiles.WeightsPath(target));
        AtomicFile.Create(target, context.Get(common.Force), context.Diagnostics)?.Dispose();
        if (context.Get(saveWeights))
            AtomicFile.Create(IrFiles.WeightsPath(target), context.Get(common.Force), context.Diagnostics)?.Dispose();
    }

    private bool DiffersFromInputs(CommandContext context, OptInput source)
    {
        var target = context.Get(output);
        var outputs = (string?[])[target, target is not null && context.Get(saveWeights) ? IrFiles.WeightsPath(target) : null, flags.ReproducerPath(context)];
        return outputs.OfType<string>().All(path => OutputCheck.DiffersFromInputs(path, source.Files, context.Diagnostics));
    }

    private PassContext Passes(CommandContext context) => new(
        context.Diagnostics, common.ThreadCount(context.Result), context.Cancellation, new DirectProgress<PassProgress>(new PassProgressLine(context.Terminal).Report));

    /// <summary>
    /// Without its weights beside it, a text finds them again in the model that it came from by the line of the stages
    /// that ran.
    /// </summary>
    private void Write(Module module, string ran, CommandContext context)
    {
        var text = (context.Get(saveWeights) ? "" : ran) + ModuleText.Print(module, context.Cancellation);
        if (context.Get(output) is { } target)
            IrFiles.Write(target, text, context.Get(saveWeights) ? module : null, context.Get(common.Force), context.Diagnostics, context.Cancellation);
        else
            context.Terminal.Output.Write(text);
    }
}
