using System.CommandLine;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Text;

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

    /// <summary>The stage of a method as pipeline text; what the pass does not know is found when that is read.</summary>
    public string Stage(CommandContext context, string method)
    {
        var options = Options(context);
        return options.Count == 0 ? method : $"{method}{{{string.Join(", ", options)}}}";
    }

    /// <summary>True where the options have a method to go with; otherwise an error.</summary>
    public bool Check(CommandContext context, string? method)
    {
        if (Options(context).Count == 0 || method is not (null or "fbi" or "none"))
            return true;
        context.Diagnostics.Add(CommandDiagnostics.Conflict, $"{keep.Name}, {rule.Name}, {compat.Name} and {notSequential.Name} go with --method and a post-training method", Place.None, "put them into the --pipeline as options of its passes");
        return false;
    }

    private List<string> Options(CommandContext context)
    {
        var options = new List<string>();
        foreach (var (name, texts) in ((string, string[])[])[("keep", context.Get(keep)), ("rules", context.Get(rule))])
        {
            if (texts.Length > 0)
                options.Add($"{name}=[{string.Join(", ", texts.Select(TextEscapes.Quote))}]");
        }

        if (context.Get(compat) is not "none" and var script)
            options.Add($"compat={script}");
        if (context.Get(notSequential))
            options.Add("true_sequential=false");
        return options;
    }

    private static Option<string[]> Texts(string name, string description, string help) => new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = false };
}
