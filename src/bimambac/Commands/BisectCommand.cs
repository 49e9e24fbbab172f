using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BiMamba.Bisection;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Models;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Frontend.Text;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Conversion;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac bisect: the pass, the layer and the tensor that move the logits.</summary>
internal sealed class BisectCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly BisectInput input = new();
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string?> output = new("--output", "-o") { Description = "Write a small module that shows the difference to this .bmir file, and its weights beside it.", HelpName = "FILE" };

    /// <summary>Makes the syntax.</summary>
    public BisectCommand(CommonOptions common)
    {
        this.common = common;
        Command = new Command("bisect", "Names the first pass, layer and tensor that move logits out of a tolerance.\nExample: bimambac bisect golden/models/tiny-bimamba-official --pipeline \"fold-fbi | pack\" --tolerance 1e-6 -o repro.bmir")
        {
            model, output, common.Json, common.Force, common.Threads,
        };
        input.AddTo(Command);
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        if (!CheckOutput(context))
            return ExitCode.Ok;
        using var loaded = ModelLoader.LoadToRun(context.Get(model), common.Import(context.Result), context.Diagnostics);
        if (loaded is null || !DiffersFromInputs(context, loaded) || input.Read(context, loaded) is not { } request)
            return ExitCode.Ok;
        if (PassManager.CheckLevels(request.Pipeline, loaded.Module.Level, PassTable.All, context.Diagnostics) is null)
            return ExitCode.Ok;
        var progress = new DirectProgress<string>(stage => context.Terminal.ShowStatus($"bisect: {stage}"));
        if (new Bisector(request, context.Cancellation).Run(context.Diagnostics, progress) is not { } result)
            return ExitCode.Ok;
        var target = context.Get(output);
        var text = target is null ? null : ReproducerText.Print(result);
        if (text is not null && !IrFiles.Write(target!, text, result.Culprit!.Reproducer!.Module, context.Get(common.Force), context.Diagnostics, context.Cancellation))
            return ExitCode.Ok;
        var written = text is null ? null : target;
        if (context.IsJson)
            context.Terminal.Output.WriteLine(JsonSerializer.Serialize(BisectReport.ToJson(request, result, written), Schema.Plain.BisectJson));
        else
            new BisectReport(context.Terminal.Output).Write(request, result, written);
        if (result.Culprit is { } culprit)
            context.Diagnostics.Add(CommandDiagnostics.LeavesTolerance, BisectReport.Verdict(request, result.Stages[culprit.Stage]), new Place("pipeline", Field: string.Create(CultureInfo.InvariantCulture, $"stage {culprit.Stage + 1}")));
        return ExitCode.Ok;
    }

    /// <summary>True where the reproducer can be written, as far as is known before there is one.</summary>
    private bool CheckOutput(CommandContext context)
    {
        if (context.Get(output) is not { } target)
            return true;
        if (!IrFiles.IsIrText(target))
            context.Diagnostics.Add(CommandDiagnostics.Usage, $"--output: expected a file name that ends in {IR.Reading.IrParser.Extension}, found '{target}'", Place.None);
        foreach (var path in context.Diagnostics.HasErrors ? [] : Outputs(target))
        {
            context.Outputs.Add(path);
            AtomicFile.Create(path, context.Get(common.Force), context.Diagnostics)?.Dispose();
        }

        return !context.Diagnostics.HasErrors;
    }

    private bool DiffersFromInputs(CommandContext context, LoadedModel loaded) =>
        context.Get(output) is not { } target || Outputs(target).All(path => OutputCheck.DiffersFromInputs(path, [.. loaded.Files, input.TextPath(context)], context.Diagnostics));

    private static string[] Outputs(string target) => [target, IrFiles.WeightsPath(target)];
}
