using BiMamba.Diagnostics;
using BiMamba.Pipeline;
using BiMamba.Text;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>Other options of a stage for some of its weights: <c>in_proj[B,C]:bits=4</c>, <c>layers.0.*:bits=8, group=64</c>.</summary>
/// <param name="Target">The weights.</param>
/// <param name="Overrides">The options, as in pipeline text.</param>
public sealed record TargetRule(TargetPattern Target, string Overrides)
{
    /// <summary>The rule of a text over the options of a pass; null where it is none, with the reason.</summary>
    public static TargetRule? Parse(string text, PassInfo pass, out string reason)
    {
        if (text.IndexOf(':', StringComparison.Ordinal) is not (> 0 and var colon))
        {
            reason = $"expected a rule such as in_proj[dt]:bits=8, found {text}";
            return null;
        }

        if (TargetPattern.Parse(text[..colon], out reason) is not { } target)
            return null;
        var rule = new TargetRule(target, text[(colon + 1)..]);
        var bag = new DiagnosticBag();
        reason = rule.Apply(pass.Defaults, pass, bag) is null ? bag.Items[0].Message : "";
        return reason.Length == 0 ? rule : null;
    }

    /// <summary>The options of the stage with those of the rule in place of theirs.</summary>
    public PassOptions Apply(PassOptions options, PassInfo pass) =>
        Apply(options, pass, new DiagnosticBag()) ?? throw new InvalidOperationException($"the rule {Target.Text}:{Overrides} was not checked");

    private PassOptions? Apply(PassOptions options, PassInfo pass, DiagnosticBag diagnostics) =>
        PipelineParser.Override(options, pass with { Options = [.. pass.Options.Where(option => !option.IsOfStage)] }, new SourceText("rules", Overrides), diagnostics);
}
