using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Text;
using Sprache;

namespace BiMamba.Pipeline;

/// <summary>
/// Reads pipeline text: <c>stage ('|' stage)*</c>, where a stage is a pass name and options in braces. Unknown names
/// are reported with the nearest one.
/// </summary>
public static class PipelineParser
{
    private static readonly Parser<OptionValue> Value =
        Lexer.Float.Select(value => (OptionValue)new OptionValue.Float(value))
            .Or(Lexer.Integer.Select(value => (OptionValue)new OptionValue.Int(value)))
            .Or(Lexer.Boolean.Select(value => (OptionValue)new OptionValue.Bool(value)))
            .Or(Lexer.QuotedString.Select(value => (OptionValue)new OptionValue.Text(value)))
            .Or(Lexer.KebabName.Select(value => (OptionValue)new OptionValue.Word(value)))
            .Or(from open in Lexer.Symbol("[")
                from items in Lexer.Separated(Lexer.Nested(() => Value!))
                from close in Lexer.Symbol("]")
                select (OptionValue)new OptionValue.List(items));

    private static readonly Parser<OptionSyntax> Option =
        from key in Lexer.KebabName.Locate()
        from assign in Lexer.Symbol("=")
        from value in Value.Locate()
        select new OptionSyntax(key, value);

    private static readonly Parser<StageSyntax> StageText =
        from name in Lexer.KebabName.Locate()
        from options in (from open in Lexer.Symbol("{")
                         from items in Lexer.Separated(Option)
                         from close in Lexer.Symbol("}")
                         select items).Optional()
        select new StageSyntax(name, options.GetOrElse([]));

    private static readonly Parser<IReadOnlyList<StageSyntax>> Stages = Lexer.Separated(StageText, "|");

    /// <summary>The pipeline of a text over the given passes; null where the bag got an error. An empty text is a pipeline without stages.</summary>
    public static PassPipeline? Parse(SourceText text, IReadOnlyList<Pass> passes, DiagnosticBag diagnostics)
    {
        if (!SyntaxParser.TryParse(text, Stages, diagnostics, out var stages, descriptor: PipelineDiagnostics.Syntax))
            return null;
        var bound = stages.Select(stage => Bind(text, stage, passes, diagnostics)).ToImmutableArray();
        return bound.Any(stage => stage is null) ? null : new PassPipeline(bound!);
    }

    private static Stage? Bind(SourceText text, StageSyntax syntax, IReadOnlyList<Pass> passes, DiagnosticBag diagnostics)
    {
        var pass = passes.FirstOrDefault(candidate => candidate.Info.Name == syntax.Name.Value);
        if (pass is null)
        {
            text.Report(diagnostics, PipelineDiagnostics.UnknownPass, syntax.Name.Position, $"there is no pass '{syntax.Name.Value}'", NearestName.Hint(syntax.Name.Value, passes.Select(candidate => candidate.Info.Name)));
            return null;
        }

        var given = new Dictionary<string, OptionValue>(StringComparer.Ordinal);
        var ok = true;
        foreach (var (key, value) in syntax.Options)
        {
            var option = pass.Info.Options.FirstOrDefault(candidate => candidate.Name == key.Value);
            if (option is null)
            {
                text.Report(diagnostics, PipelineDiagnostics.UnknownOption, key.Position, $"the pass '{pass.Info.Name}' has no option '{key.Value}'", NearestName.Hint(key.Value, pass.Info.Options.Select(candidate => candidate.Name)));
                ok = false;
            }
            else if (option.Reject(value.Value) is { } reason)
            {
                text.Report(diagnostics, PipelineDiagnostics.OptionValue, value.Position, $"{key.Value}: {reason}");
                ok = false;
            }
            else if (!given.TryAdd(key.Value, value.Value))
            {
                text.Report(diagnostics, PipelineDiagnostics.OptionTwice, key.Position, $"the option '{key.Value}' is set twice");
                ok = false;
            }
        }

        return ok
            ? new Stage(pass, new PassOptions([.. pass.Info.Options.Select(option => KeyValuePair.Create(option.Name, given.GetValueOrDefault(option.Name, option.Default)))]))
            : null;
    }

    private sealed record OptionSyntax(Located<string> Key, Located<OptionValue> Value);

    private sealed record StageSyntax(Located<string> Name, IReadOnlyList<OptionSyntax> Options);
}
