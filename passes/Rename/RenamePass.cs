using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;
using BiMamba.Text;

namespace BiMamba.Passes.Rename;

/// <summary>Gives resources other names. Weights stay where they are.</summary>
public sealed class RenamePass : Pass
{
    private const string Stage = "rename";
    private const string Map = "map";

    /// <summary>Names of a collision that are listed; a pattern without a wildcard in its new name makes all meet.</summary>
    private const int ShownNames = 3;

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        Stage,
        "Resources get the names that a list of patterns gives them.",
        LevelRule.Everywhere,
        [
            new PassOption(Map, new OptionValue.List([]), "pairs of a pattern and a new name, the first that matches counts; each * of the name is what that * of the pattern stands for: any characters, as few as possible")
            {
                Element = new PassOption("pair", new OptionValue.List([]), "pattern and new name") { Length = 2, Element = new PassOption("side", new OptionValue.Text(""), "a text") },
            },
        ],
        "rename{map=[[\"layers.*.in_proj.weight\", \"blocks.*.in_proj.weight\"]]}")
    {
        Weights = WeightUse.None,
    };

    /// <inheritdoc/>
    public override Module? Run(Module module, PassOptions options, PassContext context)
    {
        var rules = options.TextLists(Map).Select(pair => (Pattern: new NamePattern(pair[0]), Target: pair[1])).ToImmutableArray();
        if (!Check(rules, context.Diagnostics) || Names(module, rules, context.Diagnostics) is not { } names)
            return null;
        var changed = names.Count(pair => pair.Key != pair.Value);
        context.Diagnostics.Add(PipelineDiagnostics.PassReport, string.Create(CultureInfo.InvariantCulture, $"{changed} of {module.Resources.Count} resources renamed"), new Place(Stage));
        var resources = module.Resources.Values.Select(resource => names.TryGetValue(resource.Name, out var name) ? resource.Renamed(name) : resource);
        return ResourceNames.Redirect(module, names) with { Resources = Module.ResourceMap(resources) };
    }

    private static bool Check(ImmutableArray<(NamePattern Pattern, string Target)> rules, DiagnosticBag diagnostics)
    {
        var ok = true;
        foreach (var (pattern, target) in rules.Where(rule => NamePattern.Count(rule.Target) > rule.Pattern.Wildcards))
        {
            diagnostics.Add(
                PipelineDiagnostics.Wildcards,
                string.Create(CultureInfo.InvariantCulture, $"{TextEscapes.Quote(target)} has {NamePattern.Count(target)} wildcards, its pattern {TextEscapes.Quote(pattern.Text)} has {pattern.Wildcards}"),
                new Place(Stage),
                "give the pattern more, or the name fewer");
            ok = false;
        }

        return ok;
    }

    /// <summary>New names by old ones, of the resources that a pattern matches; null where a pattern names none or two names meet.</summary>
    private static Dictionary<string, string>? Names(Module module, ImmutableArray<(NamePattern Pattern, string Target)> rules, DiagnosticBag diagnostics)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var used = new HashSet<NamePattern>();
        foreach (var name in module.Resources.Keys)
        {
            foreach (var (pattern, target) in rules)
            {
                if (pattern.Match(name) is not { } captures)
                    continue;
                names.Add(name, NamePattern.Fill(target, captures));
                used.Add(pattern);
                break;
            }
        }

        var ok = true;
        foreach (var (pattern, _) in rules.Where(rule => !used.Contains(rule.Pattern)))
        {
            ok = false;
            if (module.Resources.Keys.FirstOrDefault(pattern.Matches) is { } taken)
                diagnostics.Add(PipelineDiagnostics.NoMatch, $"{TextEscapes.Quote(pattern.Text)} matches only what a pattern before it takes, for example @{TextEscapes.Name(taken)}", new Place(Stage), "put it before that pattern");
            else
                pattern.ReportNoMatch(Stage, module.Resources.Keys, "resource", diagnostics);
        }

        return ok & ArePrintable(names, diagnostics) & AreDifferent(module, names, diagnostics) ? names : null;
    }

    /// <summary>The verifier's rule for names; here the old name says which resource is meant.</summary>
    private static bool ArePrintable(Dictionary<string, string> names, DiagnosticBag diagnostics)
    {
        var ok = true;
        foreach (var (name, renamed) in names.Where(pair => pair.Value.Length == 0 || pair.Value.Any(char.IsControl)))
        {
            diagnostics.Add(IrDiagnostics.Name, $"the new name of @{TextEscapes.Name(name)}: expected characters that can be printed, found {TextEscapes.Quote(renamed)}", new Place(Stage), "change the name of its pair");
            ok = false;
        }

        return ok;
    }

    private static bool AreDifferent(Module module, Dictionary<string, string> names, DiagnosticBag diagnostics)
    {
        var ok = true;
        foreach (var group in module.Resources.Keys.GroupBy(name => names.GetValueOrDefault(name, name), StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            var more = group.Count() - ShownNames;
            diagnostics.Add(
                PipelineDiagnostics.NameCollision,
                string.Create(CultureInfo.InvariantCulture, $"{string.Join(" and ", group.Take(ShownNames).Select(name => "@" + TextEscapes.Name(name)))}{(more > 0 ? $" and {more} more" : "")} would have the name @{TextEscapes.Name(group.Key)}"),
                new Place(Stage),
                "give each a name of its own");
            ok = false;
        }

        return ok;
    }
}
