using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>The dense linears and segments of linears that a low-bit pass rewrites, by patterns over the names of their weights.</summary>
public sealed class LinearTargets
{
    /// <summary>Name of the option of what is rewritten.</summary>
    public const string Tensors = "tensors";

    /// <summary>Name of the option of what is left as it is.</summary>
    public const string Keep = "keep";

    /// <summary>Name of the option of the rules.</summary>
    public const string Rules = "rules";

    private readonly PassInfo pass;
    private readonly PassOptions options;
    private readonly ImmutableArray<TargetPattern> wanted;
    private readonly ImmutableArray<TargetPattern> kept;
    private readonly ImmutableArray<TargetRule> rules;
    private readonly Dictionary<string, PassOptions> byRules = new(StringComparer.Ordinal);

    private LinearTargets(PassInfo pass, PassOptions options)
    {
        (this.pass, this.options) = (pass, options);
        wanted = Patterns(Tensors);
        kept = Patterns(Keep);
        rules = [.. options.Texts(Rules).Select(text => TargetRule.Parse(text, pass, out var reason) ?? throw new InvalidOperationException(reason))];
    }

    /// <summary>The levels of every low-bit pass: one may follow another on other tensors.</summary>
    public static ImmutableArray<LevelRule> Levels { get; } = [new(Level.Float, Level.Quant), new(Level.Quant, Level.Quant)];

    /// <summary>The options of every low-bit pass. The two projections are what published work binarizes.</summary>
    public static ImmutableArray<PassOption> Options { get; } =
    [
        new(Tensors, new OptionValue.List([new OptionValue.Text("*in_proj*"), new OptionValue.Text("*out_proj*")]), "patterns of the weights to rewrite, dense linears all; segments in brackets: in_proj[B,C]") { Element = Pattern, IsOfStage = true },
        new(Keep, new OptionValue.List([]), "patterns of weights or segments to leave as they are: in_proj[dt]") { Element = Pattern, IsOfStage = true },
        new(Rules, new OptionValue.List([]), "other options for weights or segments, of several the last counts: in_proj[B,C]:bits=4") { Element = new("rule", new OptionValue.Text(""), "a pattern, a colon and options"), IsOfStage = true },
    ];

    private static PassOption Pattern => new("pattern", new OptionValue.Text(""), "a name of a resource, * for any characters");

    /// <summary>Why patterns and rules of a stage are none, or null where they are.</summary>
    public static string? Reject(PassInfo pass, PassOptions options)
    {
        foreach (var (name, text) in ((string[])[Tensors, Keep]).SelectMany(name => options.Texts(name).Select(text => (name, text))))
        {
            if (TargetPattern.Parse(text, out var reason) is null)
                return $"{name}: {reason}";
        }

        foreach (var text in options.Texts(Rules))
        {
            if (TargetRule.Parse(text, pass, out var reason) is null)
                return $"{Rules}: {reason}";
        }

        return null;
    }

    /// <summary>What is rewritten; null with an error where a pattern matches nothing.</summary>
    public static TargetPlan? Find(Module module, PassOptions options, PassInfo pass, DiagnosticBag diagnostics)
    {
        var targets = new LinearTargets(pass, options);
        targets.ReportUnmatched(module, diagnostics);
        return diagnostics.HasErrors ? null : targets.Plan(module);
    }

    private TargetPlan Plan(Module module)
    {
        var resources = module.Resources.ToBuilder();
        var blocks = module.Blocks.ToBuilder();
        var found = ImmutableArray.CreateBuilder<ImmutableArray<LinearTarget>>();
        for (var index = 0; index < blocks.Count; index++)
        {
            var targets = ImmutableArray.CreateBuilder<LinearTarget>();
            foreach (var op in module.Blocks[index].Body.Where(op => op.Code == OpCode.Linear))
            {
                var (block, pieces) = Cut(blocks[index], op, resources);
                blocks[index] = block;
                targets.AddRange(pieces);
            }

            found.Add(targets.ToImmutable());
        }

        return new TargetPlan(module with { Blocks = blocks.ToImmutable(), Resources = resources.ToImmutable() }, found.ToImmutable());
    }

    /// <summary>The block with a linear cut where its segments go different ways, and the pieces that are rewritten.</summary>
    private (Block Block, IEnumerable<LinearTarget> Targets) Cut(Block block, Op linear, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var weight = linear.Get("weight");
        var runs = new List<(PassOptions? Options, List<Segment> Segments)>();
        foreach (var segment in Segments.Of(block, linear))
        {
            var decision = Decide(weight, segment);
            if (runs.Count > 0 && ReferenceEquals(runs[^1].Options, decision))
                runs[^1].Segments.Add(segment);
            else
                runs.Add((decision, [segment]));
        }

        if (runs is [var (only, _)])
            return (block, only is null ? [] : [new LinearTarget(linear, only)]);
        var (cut, pieces) = LinearCut.Cut(block, linear, [.. runs.Select(run => run.Segments.ToImmutableArray())], resources);
        return (cut, pieces.Zip(runs).Where(pair => pair.Second.Options is not null).Select(pair => new LinearTarget(pair.First, pair.Second.Options!)));
    }

    /// <summary>The options for a segment, one object for equal ones; null where it is left as it is.</summary>
    private PassOptions? Decide(string weight, Segment segment)
    {
        if (!wanted.Any(pattern => pattern.Matches(weight, segment)) || kept.Any(pattern => pattern.Matches(weight, segment)))
            return null;
        var which = rules.Where(rule => rule.Target.Matches(weight, segment)).ToList();
        var key = string.Join('\n', which.Select(rule => rule.Overrides));
        if (!byRules.TryGetValue(key, out var decided))
            byRules[key] = decided = which.Aggregate(options, (now, rule) => rule.Apply(now, pass));
        return decided;
    }

    private void ReportUnmatched(Module module, DiagnosticBag diagnostics)
    {
        var linears = module.Blocks.SelectMany(block => block.Body.Where(op => op.Code == OpCode.Linear).Select(op => (Weight: op.Get("weight"), Segments: Segments.Of(block, op)))).ToList();
        bool Matches(TargetPattern pattern) => linears.Any(linear => linear.Segments.Any(segment => pattern.Matches(linear.Weight, segment)));
        // Of the default patterns one is enough: some architectures have only one projection.
        var isDefault = options.List(Tensors).SequenceEqual(((OptionValue.List)Options[0].Default).Values);
        var needed = isDefault && wanted.Any(Matches) ? [] : wanted;
        foreach (var pattern in needed.Concat(kept).Concat(rules.Select(rule => rule.Target)).Where(pattern => !Matches(pattern)))
        {
            var known = linears.Where(linear => pattern.MatchesWeight(linear.Weight)).SelectMany(linear => linear.Segments).Select(segment => segment.Name).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).ToList();
            if (linears.Any(linear => pattern.MatchesWeight(linear.Weight)))
                diagnostics.Add(PipelineDiagnostics.NoMatch, $"\"{pattern.Text}\" matches no segment", new Place(pass.Name), known.Count > 0 ? $"the segments are {string.Join(", ", known)}" : "the weight has no segments");
            else
                pattern.Stem.ReportNoMatch(pass.Name, linears.Select(linear => linear.Weight), "dense linear", diagnostics);
        }
    }

    private ImmutableArray<TargetPattern> Patterns(string name) =>
        [.. options.Texts(name).Select(text => TargetPattern.Parse(text, out var reason) ?? throw new InvalidOperationException(reason))];
}
