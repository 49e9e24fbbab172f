using BiMamba.Diagnostics;
using BiMamba.FileTests.Cases;
using BiMamba.IR;
using BiMamba.IR.Reading;

namespace BiMamba.FileTests.Ir;

/// <summary>Every golden file of IR text comes out as it stands.</summary>
public sealed class IrGoldenTests
{
    public static TheoryData<string> RoundTrips => GoldenInput.Files("", "ir", "roundtrip");

    public static TheoryData<string> Broken => GoldenInput.Files("", "ir", "verifier");

    public static TheoryData<string> Passes => GoldenInput.Files("", "ir", "passes");

    public static TheoryData<string> Runs => GoldenInput.Files("", "ir", "run");

    [Theory]
    [MemberData(nameof(RoundTrips))]
    public void Text_is_printed_back_byte_for_byte(string name) => GoldenInput.Load("ir", "roundtrip", name).Run(static input =>
    {
        input.CheckHead();
        input.Match(input.Head + IrPrinter.Print(GoldenModule.Read(input)));
    });

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_rule_is_named_at_its_line(string name) => GoldenInput.Load("ir", "verifier", name).Run(input =>
    {
        input.Match(BrokenGolden.Render(input, out var ids));
        if (!ids.Contains(name.Split('-')[0], StringComparer.Ordinal))
            throw new CaseException(1, $"expected an error of the id that the file's name begins with, found {string.Join(", ", ids)}");
    });

    [Theory]
    [MemberData(nameof(Passes))]
    public void Passes_give_the_module_that_stands_there(string name) =>
        GoldenInput.Load("ir", "passes", name).Run(static input => input.Match(PassGolden.Render(input)));

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_run_gives_the_numbers_of_the_formula(string name) => GoldenInput.Load("ir", "run", name).Run(RunGolden.Check);
}
