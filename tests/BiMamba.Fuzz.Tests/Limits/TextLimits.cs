using BiMamba.Diagnostics;
using BiMamba.IR.Reading;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Text;

namespace BiMamba.Fuzz.Tests.Limits;

/// <summary>Limits of text forms.</summary>
internal static class TextLimits
{
    /// <summary>The rows.</summary>
    public static IReadOnlyList<LimitRow> All { get; } =
    [
        new("text-bytes", "bytes of IR, pipeline or spec text", "SourceText.MaxFileBytes", "BIM0003", (input, bag) => SourceText.Load(TensorLimits.Sparse(input, "x.bmir", (64 << 20) + 1), bag)),
        new("text-depth", "lists and brackets of text inside one another", "Lexer.MaxDepth", "BIM3001", (input, bag) => PipelineParser.Parse(new SourceText("x", $"rtn{{rules={new string('[', 100)}{new string(']', 100)}}}"), PassTable.All, bag)),
        new("ir-rank", "dimensions of a type of IR text", "Shape.MaxRank", "BIM2006", (input, bag) => IrParser.Parse(new SourceText("x", "module @m level float\nresource @w : f32[1,1,1,1,1,1,1,1,1]\n"), bag)),
        new("errors", "errors that are kept of one run", "DiagnosticBag.MaxErrors", "BIM0001", (input, bag) => Fill(bag)),
    ];

    private static void Fill(DiagnosticBag bag)
    {
        for (var i = 0; i < 300; i++)
            bag.Add(Diagnostics.Tables.TextDiagnostics.Syntax, "x", Place.None);
        Assert.Equal(DiagnosticBag.MaxErrors, bag.Items.Count);
        Assert.Equal(100, bag.Dropped);
    }
}
