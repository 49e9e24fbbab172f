using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Runtime;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Generation;
using BiMamba.Toolchain.Models;

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
        using var loaded = ModelLoader.LoadToRun(context.Get(model), common.Import(context.Result), context.Diagnostics);
        var text = context.Get(prompt);
        if (loaded is null || Prompt.Encode(loaded, text, prompt.Name, context.Diagnostics) is not { } ids)
            return ExitCode.Ok;
        var writer = context.Terminal.Output;
        var generated = new List<int>();
        if (!context.IsJson)
            writer.Write(text);
        foreach (var piece in new TextGeneration(loaded, Options(context)).Run(ids, context.Diagnostics, context.Cancellation))
        {
            if (piece.Id is { } id)
                generated.Add(id);
            if (!context.IsJson)
                writer.Write(piece.Text);
        }

        writer.WriteLine(context.IsJson ? JsonSerializer.Serialize(new GenerateJson(1, text, ids, generated, loaded.Tokenizer!.Decode([.. generated])), Schema.Plain.GenerateJson) : "");
        return ExitCode.Ok;
    }

    private GenerateOptions Options(CommandContext context)
    {
        var (defaults, runtime) = (new GenerateOptions(), common.Runtime(context.Result));
        return new GenerateOptions
        {
            MaxTokens = context.Get(maxTokens) ?? defaults.MaxTokens,
            Temperature = context.Get(temperature) ?? defaults.Temperature,
            TopK = context.Get(topK),
            Seed = context.Get(seed) ?? defaults.Seed,
            Engine = runtime.Engine,
            State = runtime.StateType,
            Threads = runtime.Threads,
        };
    }

    private static double? ParseTemperature(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= Limits.MaxTemperature ? value : null;
}
