using System.CommandLine;
using System.Globalization;
using System.Text;
using BiMamba.Bisection;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Frontend.Text;
using BiMamba.Passes;
using BiMamba.Pipeline.Instruments;
using BiMamba.Text;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Models;

/// <summary>What a bisection runs: pipeline, ids and tolerance, of the command line or of the lines at the head of a text.</summary>
internal sealed class BisectInput
{
    private readonly Option<string?> pipeline = new("--pipeline") { Description = "Passes to run (default: the line '; pipeline: TEXT' of IR text).", HelpName = "TEXT" };
    private readonly Option<double?> tolerance = CommonOptions.Parsed<double?>("--tolerance", "Largest absolute difference that a logit may have from that of the model (default: the line '; tolerance: X' of IR text, else 2e-4).", "a number from 0", ParseTolerance);
    private readonly Option<string?> ids = new("--ids") { Description = "Token ids to run, such as 1,2,3 (default: the line '; ids: LIST' of IR text, else 32 fixed ids).", HelpName = "LIST" };
    private readonly Option<string?> text = CommonOptions.InputFile(new Option<string?>("--text") { Description = "A text to run, or token ids (.npy, .ids, .json).", HelpName = "FILE" });
    private readonly Option<int?> maxTokens = CommonOptions.Limited("--max-tokens", "Tokens of --text to run (default: 128).", 1);

    private const int DefaultMaxTokens = 128;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        tolerance.HelpName = "X";
        foreach (var option in (Option[])[pipeline, tolerance, ids, text, maxTokens])
            command.Add(option);
    }

    /// <summary>The file of --text, or null.</summary>
    public string? TextPath(CommandContext context) => context.Get(text);

    /// <summary>The request; null where the context's bag got an error.</summary>
    public BisectionRequest? Read(CommandContext context, LoadedModel model)
    {
        var source = (model.Owned as IrModule)?.Text.Source;
        var lines = source is null ? null : TextDirectives.Read(source);
        var stages = context.Get(pipeline) is { } given ? new SourceText("pipeline", given) : LineOf(source, lines, Reproducer.Remaining);
        if (stages is null)
        {
            context.Diagnostics.Add(CommandDiagnostics.Usage, "expected a pipeline, found none", Place.None, "pass --pipeline TEXT");
            return null;
        }

        if (PassTable.Parse(stages, context.Diagnostics) is not { } parsed
            || ReadTolerance(context, lines?.Find(ReproducerText.ToleranceKey)?.Value) is not { } bound
            || ReadIds(context, model, lines?.Find(ReproducerText.IdsKey)?.Value) is not { } tokens)
        {
            return null;
        }

        if (BisectionRequest.MaxTokens(model.Module) is var most && tokens.Length > most)
        {
            context.Diagnostics.Add(CommandDiagnostics.Usage, $"expected at most {most} tokens of a model of this width, found {tokens.Length}", Place.None, "pass fewer --ids or --max-tokens");
            return null;
        }

        return new BisectionRequest(model.Module, parsed, tokens, bound, context.Common.ReferenceRuntime(context.Result));
    }

    /// <summary>The value of a line at the head of a text, at its place there; null where there is no such line.</summary>
    private static SourceText? LineOf(SourceText? source, TextDirectives? lines, string key) =>
        lines?.Find(key) is { } line ? source!.Value(line) : null;

    private double? ReadTolerance(CommandContext context, string? line)
    {
        if (context.Get(tolerance) is { } given)
            return given;
        if (line is null)
            return BisectionRequest.DefaultTolerance;
        if (ParseTolerance(line) is { } value)
            return value;
        context.Diagnostics.Add(CommandDiagnostics.Usage, $"; {ReproducerText.ToleranceKey}: expected a number from 0, found {TextEscapes.Quote(line)}", Place.None);
        return null;
    }

    private int[]? ReadIds(CommandContext context, LoadedModel model, string? line)
    {
        if (context.Get(ids) is not null && context.Get(text) is not null)
        {
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "expected one of --ids and --text", Place.None);
            return null;
        }

        if (context.Get(maxTokens) is not null && context.Get(text) is null)
        {
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--max-tokens goes with --text", Place.None);
            return null;
        }

        if (context.Get(text) is { } file)
            return ReadText(context, model, file);
        if ((context.Get(ids) ?? line) is not { } list)
            return BisectionRequest.DefaultIds(model.UsedVocabulary);
        var name = context.Get(ids) is null ? $"; {ReproducerText.IdsKey}" : "--ids";
        return TokenIdFile.ParseText(name, Encoding.UTF8.GetBytes(list), context.Diagnostics) is { } tokens
            && IsAny(tokens, name, context) && CorpusReader.CheckIds(tokens, model.Module.VocabularyRows, name, context.Diagnostics) ? tokens : null;
    }

    private int[]? ReadText(CommandContext context, LoadedModel model, string file)
    {
        if (CorpusReader.Read(file, model.Tokenizer, model.Module.VocabularyRows, context.Diagnostics, context.Cancellation) is not { } corpus || !IsAny(corpus.Ids, file, context))
            return null;
        return [.. corpus.Ids.Take(context.Get(maxTokens) ?? DefaultMaxTokens)];
    }

    private static bool IsAny(IReadOnlyCollection<int> tokens, string name, CommandContext context)
    {
        if (tokens.Count > 0)
            return true;
        context.Diagnostics.Add(RuntimeDiagnostics.TokenFile, "expected at least one id, found none", Place.OfFile(name));
        return false;
    }

    private static double? ParseTolerance(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0 && double.IsFinite(number) ? number : null;
}
