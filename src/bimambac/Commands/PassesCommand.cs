using System.CommandLine;
using System.Text.Json;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Pipeline;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac passes: the pass table.</summary>
internal sealed class PassesCommand : CommandDefinition
{
    /// <summary>Makes the syntax.</summary>
    public PassesCommand(CommonOptions common) =>
        Command = new Command("passes", "Lists the passes with their options, levels and an example, and the named pipelines.\nExample: bimambac passes") { common.Json };

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        var writer = context.Terminal.Output;
        if (context.IsJson)
        {
            writer.WriteLine(JsonSerializer.Serialize(new PassesJson(1, [.. PassTable.All.Select(pass => ToJson(pass.Info))], [.. PassTable.Pipelines.Select(ToJson)]), Schema.Plain.PassesJson));
            return ExitCode.Ok;
        }

        foreach (var pass in PassTable.All)
            Write(writer, pass.Info);
        writer.WriteLine("named pipelines, written @name:");
        foreach (var pipeline in PassTable.Pipelines)
            writer.WriteLine($"  @{pipeline.Name}: {pipeline.Summary} ({Stages(pipeline)})");
        return ExitCode.Ok;
    }

    private static void Write(TextWriter writer, PassInfo info)
    {
        writer.WriteLine($"{info.Name}: {info.Summary}");
        writer.WriteLine($"  levels: {string.Join(", ", Levels(info))}");
        writer.WriteLine($"  {info.Weights.Info().Sentence}");
        foreach (var option in info.Options)
            writer.WriteLine($"  {option.Name}={option.Default}: {option.Summary}{(option.Allowed.IsEmpty ? "" : $" ({string.Join(", ", option.Allowed)})")}");
        writer.WriteLine($"  example: {info.Example}");
    }

    private static NamedPipelineJson ToJson(NamedPipeline pipeline) => new(pipeline.Name, pipeline.Summary, Stages(pipeline));

    private static string Stages(NamedPipeline pipeline) => PassTable.Parse(pipeline.Text, new DiagnosticBag())!.ToString();

    private static PassJson ToJson(PassInfo info) => new(
        info.Name, info.Summary, Levels(info), info.Weights.Info().Name,
        [.. info.Options.Select(option => new PassOptionJson(option.Name, option.KindText, option.Default.ToString(), option.Allowed, option.Summary))],
        info.Example);

    private static List<string> Levels(PassInfo info) => [.. info.Rules.Select(rule => $"{rule.Takes.Name()} -> {rule.Gives.Name()}")];
}
