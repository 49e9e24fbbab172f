using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Evaluation.StateAudit;
using BiMamba.Runtime;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Evaluating;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac eval: perplexity and bits per byte by a protocol.</summary>
internal sealed class EvalCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly CorpusFlags corpus = new();
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string?> reference = CommonOptions.InputFile(new Option<string?>("--reference") { Description = "The model that llamacpp-kl compares with.", HelpName = "MODEL" });
    private readonly Option<int?> batch = CommonOptions.Limited("--batch", "Windows to run side by side; results never depend on it (default: up to 8, as far as their states stay under 256 MiB).", 1, Limits.MaxBatch);

    /// <summary>Makes the syntax.</summary>
    public EvalCommand(CommonOptions common)
    {
        this.common = common;
        Command = new Command("eval", "Measures perplexity and bits per byte of a model on a text.\nExample: bimambac eval tiny.bimb --text golden/text/held-64k.txt --context 1024")
        {
            model, corpus.Text, corpus.Protocol, corpus.Join, corpus.PrefixToken, reference, common.Context, common.MaxWindows, batch, common.Engine, common.State, common.Json, common.Threads,
        };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        if (!Check(context))
            return ExitCode.Ok;
        var options = corpus.Options(context, context.Get(batch));
        using var loaded = ModelLoader.LoadToRun(context.Get(model), common.Import(context.Result), context.Diagnostics);
        if (loaded is null || TextEvaluation.Plan(loaded, context.Get(corpus.Text), options, context.Diagnostics, context.Cancellation) is not { } plan)
            return ExitCode.Ok;
        var line = new ProgressLine(context.Terminal, "eval");
        var progress = new DirectProgress<EvaluationProgress>(p => line.Report(p.Windows, p.Total, string.Create(CultureInfo.InvariantCulture, $"perplexity {p.Perplexity:0.0000}")));
        if (plan.Protocol.NeedsReference)
            RunAgainst(context, loaded, plan, options.Runtime, progress);
        else if (TextEvaluation.Run(loaded, plan, options, context.Diagnostics, progress, context.Cancellation) is { } result)
            Report(context, result, options.Runtime);
        return ExitCode.Ok;
    }

    private void Report(CommandContext context, EvaluateResult result, RuntimeOptions runtime)
    {
        if (context.IsJson)
            context.Terminal.Output.WriteLine(JsonSerializer.Serialize(PerplexityJson.Of(context.Get(model), result.Details, runtime, result.CalibrationOverlap), Schema.Plain.PerplexityJson));
        else
            PerplexityReport.Write(context.Terminal.Output, result.Details, runtime);
    }

    private bool Check(CommandContext context)
    {
        var (needs, given) = (corpus.ProtocolOf(context).NeedsReference, context.Get(reference) is not null);
        if (needs == given)
            return true;
        context.Diagnostics.Add(
            CommandDiagnostics.Conflict, needs ? $"--protocol {Protocol.LlamaCppKl.Name} compares with a second model" : $"--reference goes with --protocol {Protocol.LlamaCppKl.Name}", Place.None,
            needs ? "pass --reference MODEL" : "leave it out, or see bimambac compare");
        return false;
    }

    private void RunAgainst(CommandContext context, LoadedModel loaded, WindowPlan plan, RuntimeOptions runtime, IProgress<EvaluationProgress> progress)
    {
        RecipeCalibration.Compare(RecipeCalibration.Of(loaded, context.Diagnostics), plan, context.Diagnostics);
        // How the model is read says nothing of the reference, which brings its own configuration and tokenizer.
        using var other = ModelLoader.LoadToRun(context.Get(reference)!, new Frontend.ImportOptions(), context.Diagnostics);
        if (other is null || !ComparableModels.CheckTokens(other.Module.VocabularyRows, other.Tokenizer, loaded.Module.VocabularyRows, loaded.Tokenizer, loaded.Path, context.Diagnostics))
            return;
        var logits = new ReferenceLogits(new ModelRunner(other.Module, runtime), plan);
        if (new LlamaCppKl(logits).Run(new ModelRunner(loaded.Module, runtime), context.Diagnostics, progress, context.Cancellation) is not { } result)
            return;
        if (context.IsJson)
            context.Terminal.Output.WriteLine(JsonSerializer.Serialize(LlamaCppKlJson.Of(loaded.Path, other.Path, result, runtime), Schema.Plain.LlamaCppKlJson));
        else
            LlamaCppKlReport.Write(context.Terminal.Output, result, runtime);
    }
}
