using System.CommandLine;
using System.Globalization;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Synthesis;
using BiMamba.Tensors;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac synth: a random checkpoint of an official shape.</summary>
internal sealed class SynthCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly Option<string> architecture = Required("--arch", "Architecture.", [.. Architecture.All.Select(row => row.Word)]);
    private readonly Option<string> size = Required("--size", "Official size.", [.. ModelSize.All.Select(row => row.Word).Distinct(StringComparer.Ordinal)]);
    private readonly Option<int?> vocabulary = CommonOptions.Limited("--vocab", "Vocabulary, before padding (default: that of GPT-NeoX, 50277).", 1);
    private readonly Option<ulong?> seed = CommonOptions.Parsed("--seed", "Seed of the weights (default: 0).", "a whole number from 0 to 18446744073709551615", ParseSeed);
    private readonly Option<string> type = CommonOptions.Words("--dtype", "Element type.", [.. SynthesisOptions.Types.Select(known => known.Name())]);
    private readonly Option<string> output = new("--output", "-o") { Description = "The folder to write.", Required = true, HelpName = "DIR" };

    /// <summary>Makes the syntax.</summary>
    public SynthCommand(CommonOptions common)
    {
        this.common = common;
        seed.HelpName = "N";
        Command = new Command("synth", "Writes a seeded random checkpoint of an official shape, to try a machine before a download.\nExample: bimambac synth --arch bimamba2 --size 130m -o random-130m")
        {
            architecture, size, vocabulary, seed, type, output, common.Force,
        };
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        var options = SynthesisOptions.Create(
            context.Get(architecture), context.Get(size), context.Get(vocabulary), context.Get(seed) ?? 0, context.Get(type), context.Diagnostics);
        if (options is null)
            return ExitCode.Ok;
        var line = new ProgressLine(context.Terminal, "synth");
        var target = context.Get(output);
        long written = 0;
        var progress = new DirectProgress<SynthesisProgress>(p => line.Report(written = p.WrittenBytes, p.TotalBytes));
        if (Synthesizer.Write(options, target, context.Get(common.Force), context.Diagnostics, progress, context.Cancellation))
            context.Terminal.Output.WriteLine($"{target}: {options.Architecture.Word} {options.Size.Word}, {SizeLedger.Show(written)} of weights");
        return ExitCode.Ok;
    }

    private static ulong? ParseSeed(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static Option<string> Required(string name, string description, string[] words)
    {
        var option = new Option<string>(name) { Description = description, Required = true };
        CommonOptions.Restrict(option, words);
        return option;
    }
}
