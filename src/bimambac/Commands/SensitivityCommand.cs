using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Reports;
using BiMamba.CommandLine.Sensitivities;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac sensitivity: what a low precision of each part of a model costs alone.</summary>
internal sealed class SensitivityCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly CalibrationFlags calibration = new();
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> text = CommonOptions.InputFile(new Option<string>("--text") { Description = "A text, or token ids (.npy, .ids, .json).", Required = true, HelpName = "FILE" });
    private readonly Option<string> method = new("--method") { Description = "The low-bit pass, with options or without: rtn, \"gptq{group=128}\".", HelpName = "PASS", DefaultValueFactory = _ => "rtn" };
    private readonly Option<int[]?> bits = CommonOptions.Parsed("--bits", "Bits of a code to try for every part (default: 2,3,4,8).", "whole numbers such as 2,3,4", ParseBits);
    private readonly Option<double?> target = TargetSize.Option("Choose the bits of every part: the least sum of KL at no more than X bits a weight of the projections, scales included.");
    private readonly Option<int?> context = CommonOptions.Limited("--context", "Tokens of a window (default: 1024).", 2, aliases: "-c");
    private readonly Option<int?> maxWindows = CommonOptions.Limited("--max-windows", "Windows from the beginning of the text (default: 4).", 1);

    /// <summary>Makes the syntax.</summary>
    public SensitivityCommand(CommonOptions common)
    {
        this.common = common;
        bits.HelpName = "LIST";
        bits.Arity = ArgumentArity.ExactlyOne;
        Command = new Command("sensitivity", "Measures what quantizing each part of a model alone costs.\nExample: bimambac sensitivity golden/models/tiny-mamba2-hf --text golden/text/held-64k.txt --bits 2,3,4 --target-bpw 3.5")
        {
            model, text, method, bits, target, context, maxWindows, common.Json, common.Threads,
        };
        calibration.AddTo(Command);
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext run)
    {
        if (LowBitMethod.Parse(run.Get(method), run.Diagnostics) is not { } chosen || !Check(run, chosen))
            return ExitCode.Ok;
        using var loaded = ModelLoader.LoadToRun(run.Get(model), common.Import(run.Result), run.Diagnostics);
        if (loaded is null || !SensitivityMeasurement.CheckModel(loaded, run.Diagnostics) || Plan(run, loaded) is not { } plan)
            return ExitCode.Ok;
        var data = calibration.Load(run, loaded, common.ThreadCount(run.Result));
        if (run.Diagnostics.HasErrors || SensitivityMeasurement.Run(run, loaded, chosen, Bits(run) ?? SensitivityMeasurement.DefaultBits, plan, data) is not { } result)
            return ExitCode.Ok;
        if (run.Get(target) is { } size)
            result = result with { Allocation = SensitivityAllocation.Solve(result.Parts, size, run.Diagnostics) };
        if (run.Diagnostics.HasErrors)
            return ExitCode.Ok;
        if (run.IsJson)
            run.Terminal.Output.WriteLine(JsonSerializer.Serialize(result, Schema.Plain.SensitivityJson));
        else
            new SensitivityReport(run.Terminal.Output).Write(result);
        return ExitCode.Ok;
    }

    /// <summary>The bits of the command line, or null: an option of several values that is not given has none of them.</summary>
    private int[]? Bits(CommandContext run) => run.Get(bits) is { Length: > 0 } given ? given : null;

    private bool Check(CommandContext run, LowBitMethod chosen)
    {
        if (!chosen.HasBits && Bits(run) is not null)
            run.Diagnostics.Add(CommandDiagnostics.Conflict, $"--bits goes with a pass that has a choice of bits, and {chosen.Stage.Pass.Info.Name} has none", Place.None, "leave it out, or use --method rtn or gptq");
        if (!chosen.HasBits && run.Get(target) is not null)
            run.Diagnostics.Add(CommandDiagnostics.Conflict, $"--target-bpw goes with a pass that has a choice of bits, and {chosen.Stage.Pass.Info.Name} has none", Place.None, "leave it out, or use --method rtn or gptq");
        foreach (var reason in (Bits(run) ?? []).Select(chosen.RejectBits).OfType<string>())
            run.Diagnostics.Add(CommandDiagnostics.Usage, $"--bits: {reason}", Place.None);
        return calibration.Check(run, chosen.Of("", null));
    }

    private WindowPlan? Plan(CommandContext run, LoadedModel loaded) =>
        CorpusReader.Read(run.Get(text), loaded.Tokenizer, loaded.Module.VocabularyRows, run.Diagnostics, run.Cancellation) is { } corpus
            ? WindowPlan.Create(corpus, run.Get(context) ?? SensitivityMeasurement.DefaultContext, run.Get(maxWindows) ?? SensitivityMeasurement.DefaultWindows, run.Diagnostics)
            : null;

    private static int[]? ParseBits(string list)
    {
        var numbers = new List<int>();
        foreach (var word in list.Split(','))
        {
            if (!int.TryParse(word, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number))
                return null;
            numbers.Add(number);
        }

        return [.. numbers];
    }
}
