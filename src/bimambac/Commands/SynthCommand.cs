using System.CommandLine;
using System.Globalization;
using BiMamba.CommandLine.Console;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Synthesis;
using BiMamba.Tensors;
using BiMamba.Toolchain;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac synth: a random checkpoint of an official shape, as a folder or as a GGUF file.</summary>
internal sealed class SynthCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly Option<string> architecture = Required("--arch", "Architecture.", [.. Architecture.All.Select(row => row.Word)]);
    private readonly Option<string> size = Required("--size", "Official size.", [.. ModelSize.All.Select(row => row.Word).Distinct(StringComparer.Ordinal)]);
    private readonly Option<int?> vocabulary = CommonOptions.Limited("--vocab", "Vocabulary, before padding (default: that of GPT-NeoX, 50277).", 1);
    private readonly Option<ulong?> seed = CommonOptions.Parsed("--seed", "Seed of the weights (default: 0).", "a whole number from 0 to 18446744073709551615", ParseSeed);
    private readonly Option<string> type = CommonOptions.Words("--dtype", "Element type.", [.. SynthesisOptions.Types.Select(known => known.Name())]);
    private readonly Option<string?> gguf = new("--gguf") { Description = "Write a GGUF file for llama.cpp, whose projections are of this type; Mamba-2 only." };
    private readonly Option<string?> head = new("--head") { Description = "Type of embedding and head in a GGUF file (default: f16)." };
    private readonly Option<string> output = new("--output", "-o") { Description = "The folder to write, or the GGUF file.", Required = true, HelpName = "PATH" };

    /// <summary>Makes the syntax.</summary>
    public SynthCommand(CommonOptions common)
    {
        this.common = common;
        seed.HelpName = "N";
        CommonOptions.Restrict(gguf, [.. GgufOptions.LinearTypes.Select(row => row.Name)]);
        CommonOptions.Restrict(head, [.. GgufOptions.HeadTypes.Select(row => row.Name)]);
        Command = new Command("synth", "Writes a seeded random checkpoint of an official shape, to try a machine before a download.\nExample: bimambac synth --arch bimamba2 --size 130m -o random-130m")
        {
            architecture, size, vocabulary, seed, type, gguf, head, output, common.Force,
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
        context.Outputs.Add(context.Get(output));
        if (context.Get(gguf) is { } linear)
            WriteGguf(context, options, linear);
        else if (context.Get(head) is { } unused)
            context.Diagnostics.Add(SynthesisDiagnostics.OnlyGguf, $"expected --gguf, found --head {unused} alone", new Place(Field: "--head"));
        else
            WriteFolder(context, options);
        return ExitCode.Ok;
    }

    private void WriteFolder(CommandContext context, SynthesisOptions options)
    {
        var line = new ProgressLine(context.Terminal, "synth");
        var target = context.Get(output);
        long written = 0;
        var progress = new DirectProgress<SynthesisProgress>(p => line.Report(written = p.WrittenBytes, p.TotalBytes));
        if (Synthesizer.Write(options, target, context.Get(common.Force), context.Diagnostics, progress, context.Cancellation))
            context.Terminal.Output.WriteLine($"{target}: {options.Architecture.Word} {options.Size.Word}, {SizeLedger.Show(written)} of weights");
    }

    private void WriteGguf(CommandContext context, SynthesisOptions options, string linear)
    {
        var types = GgufOptions.Create(options.Architecture, linear, context.Get(head) ?? GgufOptions.HeadTypes[0].Name, context.Diagnostics);
        if (types is null)
            return;
        var line = new ProgressLine(context.Terminal, "synth");
        var target = context.Get(output);
        var progress = new DirectProgress<SynthesisProgress>(p => line.Report(p.WrittenBytes, p.TotalBytes));
        if (Synthesizer.WriteGguf(options, types, target, context.Get(common.Force), context.Diagnostics, progress, context.Cancellation))
            context.Terminal.Output.WriteLine($"{target}: {options.Architecture.Word} {options.Size.Word}, projections {types.Linear.Name}, embedding {types.Head.Name}, {SizeLedger.Show(new FileInfo(target).Length)}");
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
