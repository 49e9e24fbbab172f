using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>The dense linears that a low-bit pass rewrites, by patterns over the names of their weights.</summary>
public static class LinearTargets
{
    private const string Tensors = "tensors";
    private const string Keep = "keep";

    /// <summary>The levels of every low-bit pass: one may follow another on other tensors.</summary>
    public static ImmutableArray<LevelRule> Rules { get; } = [new(Level.Float, Level.Quant), new(Level.Quant, Level.Quant)];

    /// <summary>The options of every low-bit pass. The two projections are what published work binarizes.</summary>
    public static ImmutableArray<PassOption> Options { get; } =
    [
        new(Tensors, new OptionValue.List([new OptionValue.Text("*in_proj*"), new OptionValue.Text("*out_proj*")]), "patterns of the weights to rewrite, dense linears all") { Element = Pattern },
        new(Keep, new OptionValue.List([]), "patterns of weights to leave as they are") { Element = Pattern },
    ];

    private static PassOption Pattern => new("pattern", new OptionValue.Text(""), "a name of a resource, * for any characters");

    /// <summary>The linears of each block in order of execution; null with an error where a pattern matches no resource.</summary>
    public static ImmutableArray<ImmutableArray<Op>>? Find(Module module, PassOptions options, string stage, DiagnosticBag diagnostics)
    {
        var (wanted, kept) = (Patterns(options, Tensors), Patterns(options, Keep));
        var isDefault = options.List(Tensors).Select(value => value.ToString()).SequenceEqual(((OptionValue.List)Options[0].Default).Values.Select(value => value.ToString()), StringComparer.Ordinal);
        foreach (var pattern in wanted.Concat(kept).Where(pattern => !module.Resources.Keys.Any(pattern.Matches)))
        {
            // Of the default patterns one is enough: some architectures have only one projection.
            if (!isDefault || kept.Contains(pattern) || !wanted.Any(other => module.Resources.Keys.Any(other.Matches)))
                pattern.ReportNoMatch(stage, module, diagnostics);
        }

        if (diagnostics.HasErrors)
            return null;
        bool IsWanted(string name) => wanted.Any(pattern => pattern.Matches(name)) && !kept.Any(pattern => pattern.Matches(name));
        return [.. module.Blocks.Select(block => block.Body.Where(op => op.Code == OpCode.Linear && IsWanted(op.Get("weight"))).ToImmutableArray())];
    }

    private static List<NamePattern> Patterns(PassOptions options, string name) => [.. options.Texts(name).Select(text => new NamePattern(text))];
}
