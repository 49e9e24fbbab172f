using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Text;

namespace BiMamba.Pipeline;

/// <summary>Looks the names of pipeline text up: passes, their options, named pipelines.</summary>
internal sealed class PipelineBinder(IReadOnlyList<Pass> passes, IReadOnlyList<NamedPipeline> named, DiagnosticBag diagnostics)
{
    private readonly Stack<string> open = new();

    /// <summary>The stages, named pipelines expanded; null where the bag got an error.</summary>
    public ImmutableArray<Stage>? Bind(SourceText text, IReadOnlyList<StageSyntax> stages)
    {
        var bound = ImmutableArray.CreateBuilder<Stage>();
        var ok = true;
        foreach (var stage in stages)
        {
            if ((stage.IsPipeline ? Expand(text, stage.Name) : BindPass(text, stage)) is { } found)
                bound.AddRange(found);
            else
                ok = false;
        }

        return ok ? bound.ToImmutable() : null;
    }

    private ImmutableArray<Stage>? Expand(SourceText text, Located<string> name)
    {
        if (named.FirstOrDefault(candidate => candidate.Name == name.Value) is not { } pipeline)
        {
            text.Report(diagnostics, PipelineDiagnostics.UnknownPass, name.Position, $"there is no pipeline '@{name.Value}'", NearestName.Hint(name.Value, named.Select(candidate => candidate.Name)));
            return null;
        }

        if (open.Contains(name.Value))
        {
            text.Report(diagnostics, PipelineDiagnostics.Recursion, name.Position, $"the pipeline '@{name.Value}' names itself: {string.Join(", ", open.Reverse().Select(step => "@" + step))}");
            return null;
        }

        open.Push(name.Value);
        var stages = PipelineParser.Syntax(pipeline.Text, diagnostics) is { } syntax ? Bind(pipeline.Text, syntax) : null;
        open.Pop();
        return stages;
    }

    private ImmutableArray<Stage>? BindPass(SourceText text, StageSyntax syntax)
    {
        var pass = passes.FirstOrDefault(candidate => candidate.Info.Name == syntax.Name.Value);
        if (pass is null)
        {
            text.Report(diagnostics, PipelineDiagnostics.UnknownPass, syntax.Name.Position, $"there is no pass '{syntax.Name.Value}'", NearestName.Hint(syntax.Name.Value, passes.Select(candidate => candidate.Info.Name)));
            return null;
        }

        var given = new Dictionary<string, OptionValue>(StringComparer.Ordinal);
        var ok = true;
        foreach (var option in syntax.Options)
            ok &= BindOption(text, pass.Info, option, given);
        if (!ok)
            return null;
        var options = pass.Info.Defaults.With(given);
        if (pass.Reject(options) is not { } reason)
            return [new Stage(pass, options)];
        text.Report(diagnostics, PipelineDiagnostics.OptionValue, syntax.Name.Position, reason);
        return null;
    }

    /// <summary>Takes an option of a text; false with an error where the pass has none of this name, or the value does not fit.</summary>
    public bool BindOption(SourceText text, PassInfo info, OptionSyntax syntax, Dictionary<string, OptionValue> given)
    {
        var (key, value) = syntax;
        var option = info.Options.FirstOrDefault(candidate => candidate.Name == key.Value);
        if (option is null)
            text.Report(diagnostics, PipelineDiagnostics.UnknownOption, key.Position, $"the pass '{info.Name}' has no option '{key.Value}'", NearestName.Hint(key.Value, info.Options.Select(candidate => candidate.Name)));
        else if (option.Reject(value.Value) is { } reason)
            text.Report(diagnostics, PipelineDiagnostics.OptionValue, value.Position, $"{key.Value}: {reason}");
        else if (!given.TryAdd(key.Value, value.Value))
            text.Report(diagnostics, PipelineDiagnostics.OptionTwice, key.Position, $"the option '{key.Value}' is set twice");
        else
            return true;
        return false;
    }
}
