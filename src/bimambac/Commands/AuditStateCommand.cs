using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Evaluation;
using BiMamba.Evaluation.StateAudit;
using BiMamba.Frontend;
using BiMamba.Frontend.Text;
using BiMamba.Runtime;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac audit-state: how the error of a low-bit model lives in its states.</summary>
internal sealed class AuditStateCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly Argument<string> reference = new("reference") { Description = "The model in full precision, of any kind." };
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> text = CommonOptions.InputFile(new Option<string>("--text") { Description = "A text, or token ids (.npy, .ids, .json).", Required = true, HelpName = "FILE" });
    private readonly Option<int?> length = CommonOptions.Limited("--context", string.Create(CultureInfo.InvariantCulture, $"Tokens of the sequence, from the beginning of the text (default: {StateAuditor.DefaultContext}, or all where there are fewer)."), 2, aliases: "-c");

    /// <summary>Makes the syntax.</summary>
    public AuditStateCommand(CommonOptions common)
    {
        this.common = common;
        Command = new Command("audit-state", "Compares the scan states, their memory and the predictions of a model with those of a reference, along one long sequence.\nExample: bimambac audit-state golden/models/tiny-mamba2-hf low.bimb --text golden/text/held-64k.txt --context 4096")
        {
            reference, model, text, length, common.Engine, common.Json, common.Threads,
        };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        var import = common.Import(context.Result);
        using var left = ModelLoader.LoadToRun(context.Get(reference), Suited(import, context.Get(reference)), context.Diagnostics);
        using var right = left is null ? null : ModelLoader.LoadToRun(context.Get(model), Suited(import, context.Get(model)), context.Diagnostics);
        if (left is null || right is null || !ComparableModels.CheckTokenizers(left.Tokenizer, right.Tokenizer, right.Path, context.Diagnostics))
            return ExitCode.Ok;
        var runtime = new RuntimeOptions(common.ThreadCount(context.Result), Engine: RuntimeWords.Engine(context.Get(common.Engine)));
        var (expected, found) = (new ModelRunner(left.Module, runtime), new ModelRunner(right.Module, runtime));
        if (!ComparableModels.CheckShapes(expected, found, right.Path, context.Diagnostics) || Plan(context, left, right) is not { } plan)
            return ExitCode.Ok;
        var overlap = RecipeCalibration.Compare(RecipeCalibration.Of(right, context.Diagnostics), plan, context.Diagnostics);
        var line = new ProgressLine(context.Terminal, "audit-state");
        var progress = new DirectProgress<StateAuditProgress>(p => line.Report(p.Tokens, p.Total, string.Create(CultureInfo.InvariantCulture, $"KL {p.Kl:0.0000}")));
        if (new StateAuditor(expected, found, plan).Run(context.Diagnostics, progress, context.Cancellation) is not { } result)
            return ExitCode.Ok;
        if (context.IsJson)
            context.Terminal.Output.WriteLine(JsonSerializer.Serialize(AuditStateJson.Of(left.Path, right.Path, result, runtime, overlap), Schema.Plain.AuditStateJson));
        else
            new AuditStateReport(context.Terminal.Output).Write(left.Path, right.Path, result, runtime);
        return ExitCode.Ok;
    }

    /// <summary>What is said of an import goes for a checkpoint; in a .bimb file and in IR text it is settled.</summary>
    private static ImportOptions Suited(ImportOptions options, string path) =>
        ModelLoader.IsBimb(path) || IrFiles.IsIrText(path) ? new ImportOptions(TokenizerPath: options.TokenizerPath) : options;

    /// <summary>The beginning of the text as the reference's tokenizer reads it, or the model's where the reference has none.</summary>
    private WindowPlan? Plan(CommandContext context, LoadedModel left, LoadedModel right) =>
        CorpusReader.Read(context.Get(text), left.Tokenizer ?? right.Tokenizer, left.Module.VocabularyRows, context.Diagnostics, context.Cancellation) is { } corpus
            ? WindowPlan.Create(corpus, context.Get(length) ?? Math.Clamp(corpus.Ids.Length, 2, StateAuditor.DefaultContext), 1, context.Diagnostics)
            : null;
}
