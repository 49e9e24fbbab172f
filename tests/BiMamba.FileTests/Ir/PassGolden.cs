using BiMamba.Diagnostics;
using BiMamba.FileTests.Cases;
using BiMamba.IR;
using BiMamba.IR.Tests;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Runtime.Calibration;
using BiMamba.Text;
using Sprache;

namespace BiMamba.FileTests.Ir;

/// <summary>
/// A golden file of passes: <c>; pipeline: TEXT</c>, weights or none, a module; expected are the module after the
/// pipeline and what the passes report, or the errors. <c>; logits: within 1e-6</c> bounds how far the passes move the
/// logits of a seeded sequence. Passes that need calibration get four seeded sequences.
/// </summary>
internal static class PassGolden
{
    private const int Tokens = 16;
    private const int Samples = 4;

    private static readonly Parser<double> Within =
        from word in Lexer.Keyword("within")
        from bound in Lexer.Float
        select bound;

    /// <summary>The whole file with what comes out of this run.</summary>
    /// <exception cref="CaseException">The file is malformed.</exception>
    public static string Render(GoldenInput input)
    {
        input.CheckHead("pipeline", GoldenWeights.All, GoldenWeights.One, "logits");
        var pipeline = input.Directives.Find("pipeline") ?? throw new CaseException(1, "expected a line '; pipeline: TEXT', found none");
        var module = GoldenModule.Read(input);
        var bag = new DiagnosticBag();
        var result = Apply(module, pipeline.Value, bag);
        if (result is not null && input.Directives.Find("logits") is { } logits)
            CheckLogits(input, logits, module, result);
        return input.Source.Content + (result is null ? "" : "; expect:\n" + IrPrinter.Print(result)) + GoldenDiagnostics.Lines(bag, "pipeline");
    }

    private static Module? Apply(Module module, string text, DiagnosticBag bag)
    {
        var pipeline = PassTable.Parse(new SourceText("pipeline", text), bag);
        if (pipeline is null || PassManager.CheckLevels(pipeline, module.Level, PassTable.All, bag) is null)
            return null;
        return PassManager.Run(module, pipeline, new PassContext(bag, 2, TestContext.Current.CancellationToken) { Calibration = Calibration(module) });
    }

    private static SampledCalibration Calibration(Module module) =>
        new([.. Enumerable.Range(2, Samples).Select(seed => new Numbers(seed).Ids(Tokens, module.VocabularyRows))], 2);

    private static void CheckLogits(GoldenInput input, TextDirective directive, Module before, Module after)
    {
        if (!SyntaxParser.TryParse(new SourceText("logits", directive.Value), Within, new DiagnosticBag(), out var bound))
            throw input.Error(directive.Position, $"expected 'within NUMBER' with a point or an exponent, found '{directive.Value}'");
        if (before.Resources.Values.Any(resource => !resource.HasData))
            throw input.Error(directive.Position, "logits need '; weights:'");
        var ids = new Numbers(1).Ids(Tokens, before.VocabularyRows);
        var (expected, actual) = (GoldenModule.Run(before, ids), GoldenModule.Run(after, ids));
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected, number => Assert.True(float.IsFinite(number), "the logits before the passes are not finite"));
        var moved = expected.Zip(actual, (left, right) => Math.Abs((double)left - right)).Max();
        // A NaN fails too.
        Assert.True(moved <= bound, $"expected logits within {bound} of those before the passes, found a difference of {moved:R}");
    }
}
