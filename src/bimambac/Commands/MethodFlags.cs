using System.CommandLine;
using BiMamba.Toolchain;

namespace BiMamba.CommandLine.Commands;

/// <summary>The options that change the pipeline of a post-training method.</summary>
internal sealed class MethodFlags
{
    private readonly Option<string[]> keep = Texts("--keep", "Weights or segments that --method leaves as they are, such as in_proj[dt] or *layers.0.*; may be given several times.", "PATTERN");
    private readonly Option<string[]> rule = Texts("--rule", "Other options of --method for weights or segments, such as in_proj[B,C]:bits=8; may be given several times.", "PATTERN:OPTIONS");
    private readonly Option<string> compat = CommonOptions.Words("--compat", "Reproduce a published script, faults included: gptq and billm of the Bi-Mamba release.", ["none", "bimamba-release"]);
    private readonly Option<bool> notSequential = new("--no-true-sequential") { Description = "Look at what reaches all linears of a block before the first of them is rewritten." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[keep, rule, compat, notSequential])
            command.Add(option);
    }

    /// <summary>A conversion with what the options say.</summary>
    public ConvertOptions Apply(CommandContext context, ConvertOptions options) => options with
    {
        Keep = context.Get(keep),
        Rules = context.Get(rule),
        Compat = context.Get(compat) is not "none" and var script ? script : null,
        TrueSequential = !context.Get(notSequential),
    };

    private static Option<string[]> Texts(string name, string description, string help) => new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = false };
}
