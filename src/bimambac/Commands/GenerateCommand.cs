using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Models;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Runtime;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac generate: continues a prompt.</summary>
internal sealed class GenerateCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> prompt = new("--prompt") { Description = "The text to continue.", Required = true, HelpName = "TEXT" };
    private readonly Option<int?> maxTokens = CommonOptions.Limited("--max-tokens", "Tokens to add at most (default: 128).", 0, aliases: "-n");
    private readonly Option<double?> temperature = CommonOptions.Parsed("--temperature", "0 takes the likeliest token (default); larger values sample.", "a number from 0 to 100, such as 0.8", ParseTemperature);
    private readonly Option<int?> topK = CommonOptions.Limited("--top-k", "Sample among this many likeliest tokens only.", 1);
    private readonly Option<int?> seed = CommonOptions.Limited("--seed", "Seed of the sampling (default: 0).", 0);

    /// <summary>Makes the syntax.</summary>
    public GenerateCommand(CommonOptions common)
    {
        this.common = common;
        temperature.HelpName = "X";
        Command = new Command("generate", "Continues a prompt.\nExample: bimambac generate tiny.bimb --prompt \"It was a dark\" --max-tokens 64")
        {
            model, prompt, maxTokens, temperature, topK, seed, common.Engine, common.State, common.Json, common.Threads,
        };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        var path = context.Get(model);
        using var loaded = ModelLoader.LoadToRun(path, common.Import(context.Result), context.Diagnostics);
        if (loaded is null)
            return ExitCode.Ok;
        if (loaded.Tokenizer is not { } tokenizer)
        {
            context.Diagnostics.Add(RuntimeDiagnostics.NoTokenizer, "a prompt is text, but the model has no tokenizer", Place.OfFile(path), "pass --tokenizer tokenizer.json");
            return ExitCode.Ok;
        }

        var text = context.Get(prompt);
        var ids = tokenizer.Encode(text, addSpecialTokens: true);
        if (ids.Length == 0)
            context.Diagnostics.Add(CommandDiagnostics.Usage, "--prompt: expected at least one token, found an empty text", Place.None);
        if (context.Diagnostics.HasErrors || !Evaluation.CorpusReader.CheckIds(ids, loaded.Module.VocabularyRows, "--prompt", context.Diagnostics))
            return ExitCode.Ok;
        var sampler = new Sampler(loaded.UsedVocabulary, context.Get(temperature) ?? 0, context.Get(topK), context.Get(seed) ?? 0);
        var writer = context.Terminal.Output;
        var decoder = tokenizer.CreateStreamingDecoder();
        var generated = new List<int>();
        if (!context.IsJson)
            writer.Write(text);
        foreach (var id in Continue(new ModelRunner(loaded.Module, common.Runtime(context.Result)), ids, sampler, tokenizer.EndOfTextId, context))
        {
            generated.Add(id);
            if (!context.IsJson)
                writer.Write(decoder.Append(id));
        }

        writer.WriteLine(context.IsJson
            ? JsonSerializer.Serialize(new GenerateJson(1, text, ids, generated, tokenizer.Decode([.. generated])), Schema.Plain.GenerateJson)
            : decoder.Flush());
        return ExitCode.Ok;
    }

    private static double? ParseTemperature(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 100 ? value : null;

    private IEnumerable<int> Continue(ModelRunner runner, int[] prompt, Sampler sampler, int? end, CommandContext context)
    {
        const int DefaultTokens = 128;
        var state = runner.NewState();
        var left = context.Get(maxTokens) ?? DefaultTokens;
        var next = prompt;
        while (left-- > 0)
        {
            var logits = runner.RunToLast(state, next, context.Cancellation);
            var id = sampler.Next(logits);
            if (!float.IsFinite(logits[id]))
            {
                context.Diagnostics.Add(RuntimeDiagnostics.LogitsNotFinite, $"the logit of id {id} is {logits[id]}", Place.OfFile(context.Get(model)), "the weights hold NaN or infinity, or overflow");
                yield break;
            }

            if (id == end)
                yield break;
            yield return id;
            next = [id];
        }
    }
}
