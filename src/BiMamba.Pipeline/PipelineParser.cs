using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Text;
using Sprache;

namespace BiMamba.Pipeline;

/// <summary>
/// Reads pipeline text: <c>stage ('|' stage)*</c>, where a stage is a pass name and options in braces, or
/// <c>@name</c> of a named pipeline. Unknown names are reported with the nearest one.
/// </summary>
public static class PipelineParser
{
    private static readonly Parser<OptionValue> Value =
        Lexer.Float.Select(value => (OptionValue)new OptionValue.Float(value))
            .Or(Lexer.Integer.Select(value => (OptionValue)new OptionValue.Int(value)))
            .Or(Lexer.Boolean.Select(value => (OptionValue)new OptionValue.Bool(value)))
            .Or(Lexer.QuotedString.Select(value => (OptionValue)new OptionValue.Text(value)))
            .Or(Lexer.KebabName.Select(value => (OptionValue)new OptionValue.Word(value)))
            .Or(Lexer.Enclosed("[", Lexer.Separated(Lexer.Nested(() => Value!)), "]").Select(items => (OptionValue)new OptionValue.List(items)));

    private static readonly Parser<OptionSyntax> Option =
        from key in Lexer.KebabName.Locate()
        from assign in Lexer.Symbol("=")
        from value in Value.Locate()
        select new OptionSyntax(key, value);

    private static readonly Parser<StageSyntax> PassText =
        from name in Lexer.KebabName.Locate()
        from options in Lexer.Enclosed("{", Lexer.Separated(Option), "}").Optional()
        select new StageSyntax(name, options.GetOrElse([]), false);

    private static readonly Parser<StageSyntax> StageText =
        PassText.Or(Lexer.SigilName('@').Locate().Select(name => new StageSyntax(name, [], true)));

    private static readonly Parser<IReadOnlyList<StageSyntax>> Stages = Lexer.Separated(StageText, "|");

    /// <summary>
    /// The pipeline of a text over the given passes; null where the bag got an error. An empty text is a pipeline
    /// without stages. A stage <c>@name</c> stands for the stages of a named pipeline.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="passes">The passes that a stage can name.</param>
    /// <param name="diagnostics">Receives errors, at their line and column.</param>
    /// <param name="named">The pipelines that a stage can name.</param>
    public static PassPipeline? Parse(SourceText text, IReadOnlyList<Pass> passes, DiagnosticBag diagnostics, IReadOnlyList<NamedPipeline>? named = null)
    {
        var binder = new PipelineBinder(passes, named ?? [], diagnostics);
        return Syntax(text, diagnostics) is { } stages && binder.Bind(text, stages) is { } bound ? new PassPipeline(bound) : null;
    }

    /// <summary>Options of a stage with those of a text, <c>key=value, key=value</c>, in place of theirs; null where the bag got an error.</summary>
    /// <param name="options">The options of the stage.</param>
    /// <param name="pass">The pass, with the options that the text can set.</param>
    /// <param name="text">The text.</param>
    /// <param name="diagnostics">Receives errors, at their line and column.</param>
    public static PassOptions? Override(PassOptions options, PassInfo pass, SourceText text, DiagnosticBag diagnostics)
    {
        if (SyntaxParser.Parse(text, Lexer.Separated(Option), diagnostics, descriptor: PipelineDiagnostics.Syntax) is not { } found)
            return null;
        var binder = new PipelineBinder([], [], diagnostics);
        var given = new Dictionary<string, OptionValue>(StringComparer.Ordinal);
        return found.All(option => binder.BindOption(text, pass, option, given)) ? options.With(given) : null;
    }

    /// <summary>The stages of a text as they stand; null with an error where it does not match the grammar.</summary>
    internal static IReadOnlyList<StageSyntax>? Syntax(SourceText text, DiagnosticBag diagnostics) =>
        SyntaxParser.Parse(text, Stages, diagnostics, descriptor: PipelineDiagnostics.Syntax);
}

/// <summary><c>key=value</c>.</summary>
internal sealed record OptionSyntax(Located<string> Key, Located<OptionValue> Value);

/// <summary>A pass with options, or the name of a pipeline.</summary>
internal sealed record StageSyntax(Located<string> Name, IReadOnlyList<OptionSyntax> Options, bool IsPipeline);
