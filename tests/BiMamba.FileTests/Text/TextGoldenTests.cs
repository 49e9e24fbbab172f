using BiMamba.Diagnostics;
using BiMamba.FileTests.Cases;
using BiMamba.FileTests.Ir;
using BiMamba.Formats.Spec;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Text;

namespace BiMamba.FileTests.Text;

/// <summary>Every golden file of pipeline text and of format specs comes out as it stands: its canonical print, or its errors.</summary>
public sealed class TextGoldenTests
{
    /// <summary>The directive of a named pipeline that only this file has: <c>; named: NAME = STAGES</c>.</summary>
    private const string NamedKey = "named";

    public static TheoryData<string> Pipelines => GoldenInput.Files(".pipeline", "text");

    public static TheoryData<string> Specs => GoldenInput.Files(".spec", "text");

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Pipeline_text_is_printed_in_its_canonical_form(string name) => Check(
        name,
        static (input, text, bag) => PipelineParser.Parse(text, PassTable.All, bag, [.. PassTable.Pipelines, .. Named(input)])?.ToString(),
        NamedKey);

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_spec_is_printed_in_its_canonical_form(string name) => Check(name, static (_, text, bag) => SpecParser.Parse(text, bag) is { } spec ? SpecPrinter.Print(spec).TrimEnd('\n') : null);

    private static void Check(string name, Func<GoldenInput, SourceText, DiagnosticBag, string?> print, params string[] keys) => GoldenInput.Load("text", name).Run(input =>
    {
        input.CheckHead(keys);
        var bag = new DiagnosticBag();
        var printed = print(input, input.Source, bag);
        if (printed is null == !bag.HasErrors)
            throw new CaseException(1, "expected a print or errors, found neither or both");
        var expectation = printed is null ? "" : "; expect:\n" + printed + "\n";
        input.Match(input.Source.Content + expectation + GoldenDiagnostics.Lines(bag, input.Source.Name));
        if (printed is null)
            return;
        var again = new DiagnosticBag();
        Assert.Equal(printed, print(input, new SourceText("printed", printed + "\n"), again));
        Assert.Empty(again.Items);
    });

    private static IEnumerable<NamedPipeline> Named(GoldenInput input) => input.Directives.Where(directive => directive.Key == NamedKey)
        .Select(directive => directive.Value.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var stages]
            ? new NamedPipeline(name, "", new SourceText($"{name}.pipeline", stages))
            : throw input.Error(directive.Position, $"expected '; named: NAME = STAGES', found '{directive.Value}'"));
}
