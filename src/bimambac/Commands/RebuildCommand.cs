using System.CommandLine;
using System.Text.Json;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Toolchain.Conversion;
using BiMamba.Toolchain.Rebuilding;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac rebuild: a .bimb file made again from the recipe in it, and compared with it.</summary>
internal sealed class RebuildCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly Argument<string> file = new("file") { Description = "A .bimb file." };
    private readonly Option<string?> source = CommonOptions.InputFile(new Option<string?>("--source") { Description = "The model that the file was made of; its files have the hashes of the recipe, or are refused.", HelpName = "CHECKPOINT" });
    private readonly Option<string?> calibration = CommonOptions.InputFile(new Option<string?>("--calibration") { Description = "The text that gptq or billm looked at; windows and seed are those of the recipe.", HelpName = "FILE" });
    private readonly Option<bool> check = new("--check") { Description = "Compare what the recipe gives with the file, tensor by tensor; nothing is written." };
    private readonly Option<string?> output = new("--output", "-o") { Description = "Write what the recipe gives.", HelpName = "FILE" };

    /// <summary>Makes the syntax.</summary>
    public RebuildCommand(CommonOptions common)
    {
        this.common = common;
        Command = new Command("rebuild", "Makes a .bimb file again from the recipe in it and the inputs that this names, and compares both.\nExample: bimambac rebuild tiny.bimb --source golden/models/tiny-bimamba-official --check")
        {
            file, source, calibration, common.Config, common.Tokenizer, check, output, common.Force, common.Json, common.Threads,
        };
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        if (!context.Get(check) && context.Get(output) is null)
        {
            context.Diagnostics.Add(CommandDiagnostics.Usage, "expected --check, --output or both, found neither", Place.None, "see bimambac rebuild --help");
            return ExitCode.Ok;
        }

        var terminal = context.Terminal;
        var conversion = new ConversionContext(context.Diagnostics, terminal.Logger, new ConvertProgress(terminal), context.Cancellation);
        if (new RebuildRun(context.Get(file), Options(context), conversion).Execute() is not { } result)
            return ExitCode.Ok;
        if (context.IsJson)
            terminal.Output.WriteLine(JsonSerializer.Serialize(RebuildReport.ToJson(context, result), Schema.Plain.RebuildJson));
        else
            new RebuildReport(terminal.Output).Write(result);
        return ExitCode.Ok;
    }

    private RebuildOptions Options(CommandContext context) => new()
    {
        Source = context.Get(source),
        Config = context.Get(common.Config),
        Tokenizer = context.Get(common.Tokenizer),
        Calibration = context.Get(calibration),
        Output = context.Get(output),
        Check = context.Get(check),
        Force = context.Get(common.Force),
        Threads = common.ThreadCount(context.Result),
    };
}
