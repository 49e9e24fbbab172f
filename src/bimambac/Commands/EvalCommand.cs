using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Models;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Evaluation;
using BiMamba.Runtime;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac eval: perplexity and bits per byte.</summary>
internal sealed class EvalCommand : CommandDefinition
{
    private const int MaxBatch = 1024;

    private readonly CommonOptions common;
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> text = CommonOptions.InputFile(new Option<string>("--text") { Description = "A text, or token ids (.npy, .ids, .json).", Required = true, HelpName = "FILE" });
    private readonly Option<string> protocol = CommonOptions.Words("--protocol", "How windows are cut and scored.", [.. Protocol.All.Select(row => row.Name)]);
    private readonly Option<int?> batch = CommonOptions.Limited("--batch", "Windows to run side by side; results never depend on it (default: up to 8, as far as their states stay under 256 MiB).", 1, MaxBatch);

    /// <summary>Makes the syntax.</summary>
    public EvalCommand(CommonOptions common)
    {
        this.common = common;
        Command = new Command("eval", "Measures perplexity and bits per byte of a model on a text.\nExample: bimambac eval tiny.bimb --text golden/text/held-64k.txt --context 1024")
        {
            model, text, protocol, common.Context, common.MaxWindows, batch, common.Engine, common.State, common.Json, common.Threads,
        };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        using var loaded = ModelLoader.LoadToRun(context.Get(model), common.Import(context.Result), context.Diagnostics);
        if (loaded is null || CorpusReader.Read(context.Get(text), loaded.Tokenizer, loaded.Module.VocabularyRows, context.Diagnostics) is not { } corpus)
            return ExitCode.Ok;
        var chosen = Protocol.All.First(row => row.Name == context.Get(protocol));
        var plan = WindowPlan.Create(corpus, context.Get(common.Context) ?? chosen.DefaultContext, context.Get(common.MaxWindows), context.Diagnostics);
        if (plan is null)
            return ExitCode.Ok;
        var overlap = RecipeCalibration.Compare(RecipeCalibration.Of(loaded, context.Diagnostics), plan, context.Diagnostics);
        var line = new ProgressLine(context.Terminal, "eval");
        var progress = new DirectProgress<EvaluationProgress>(p => line.Report(p.Windows, p.Total, string.Create(CultureInfo.InvariantCulture, $"perplexity {p.Perplexity:0.0000}")));
        var runtime = common.Runtime(context.Result);
        var result = Evaluator.Run(new ModelRunner(loaded.Module, runtime), plan, context.Diagnostics, progress, context.Cancellation, context.Get(batch));
        if (result is null)
            return ExitCode.Ok;
        if (context.IsJson)
            context.Terminal.Output.WriteLine(JsonSerializer.Serialize(PerplexityJson.Of(context.Get(model), result, runtime, overlap), Schema.Plain.PerplexityJson));
        else
            Write(context.Terminal.Output, result, runtime);
        return ExitCode.Ok;
    }

    private static void Write(TextWriter writer, Perplexity result, RuntimeOptions runtime)
    {
        var corpus = result.Corpus;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"perplexity {result.Value:0.000000}{(result.BitsPerByte is { } bits ? $", {bits:0.000000} bits per byte" : "")}, {result.Nll:0.000000} nats a token"));
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"protocol {result.Protocol}, context {result.Context}, {result.WindowNll.Count} windows, {result.Tokens} tokens scored; corpus {Path.GetFileName(corpus.Path)} sha256 {corpus.Sha256[..16]}, tokenizer {corpus.TokenizerKind}{(corpus.TokenizerHash is null ? "" : " sha256 " + corpus.TokenizerHash[..16])}"));
        writer.WriteLine($"engine {RuntimeWords.Of(runtime.Engine)}, state {RuntimeWords.Of(runtime.StateType)}");
    }
}
