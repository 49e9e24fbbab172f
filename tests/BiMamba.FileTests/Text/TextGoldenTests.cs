using BiMamba.Diagnostics;
using BiMamba.FileTests.Cases;
using BiMamba.FileTests.Ir;
using BiMamba.Formats.Spec;
using BiMamba.Passes;
using BiMamba.Text;

namespace BiMamba.FileTests.Text;

/// <summary>Every golden file of pipeline text and of format specs comes out as it stands: its canonical print, or its errors.</summary>
public sealed class TextGoldenTests
{
    public static TheoryData<string> Pipelines => GoldenInput.Files(".pipeline", "text");

    public static TheoryData<string> Specs => GoldenInput.Files(".spec", "text");

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Pipeline_text_is_printed_in_its_canonical_form(string name) => Check(name, static (text, bag) => PassTable.Parse(text, bag)?.ToString());

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_spec_is_printed_in_its_canonical_form(string name) => Check(name, static (text, bag) => SpecParser.Parse(text, bag) is { } spec ? SpecPrinter.Print(spec).TrimEnd('\n') : null);

    private static void Check(string name, Func<SourceText, DiagnosticBag, string?> print) => GoldenInput.Load("text", name).Run(input =>
    {
        input.CheckHead();
        var bag = new DiagnosticBag();
        var printed = print(input.Source, bag);
        if (printed is null == !bag.HasErrors)
            throw new CaseException(1, "expected a print or errors, found neither or both");
        var expectation = printed is null ? "" : "; expect:\n" + printed + "\n";
        input.Match(input.Source.Content + expectation + GoldenDiagnostics.Lines(bag, input.Source.Name));
        if (printed is null)
            return;
        var again = new DiagnosticBag();
        Assert.Equal(printed, print(new SourceText("printed", printed + "\n"), again));
        Assert.Empty(again.Items);
    });
}
