using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.IR.Tests;

/// <summary>A bag counts what it drops, also across bags.</summary>
public class DiagnosticBagTests
{
    [Fact]
    public void Errors_beyond_the_limit_are_counted_through_a_merge()
    {
        var inner = new DiagnosticBag();
        for (var i = 0; i < DiagnosticBag.MaxErrors + 7; i++)
            inner.Add(InputDiagnostics.Missing, "missing", Place.None);
        var outer = new DiagnosticBag();
        outer.AddRange(inner);
        Assert.Equal(7, inner.Dropped);
        Assert.Equal(7, outer.Dropped);
        Assert.Equal(DiagnosticBag.MaxErrors, outer.Items.Count);
    }

    [Fact]
    public void A_printed_diagnostic_steers_no_terminal()
    {
        var text = new Diagnostic(IrDiagnostics.Name, "found '\e[2J'\n    a\tb", new Place("x", "w\u202E")).ToString();
        Assert.Equal("error BIM2012: x: tensor 'w\\u202E': found '\\u001B[2J'\n    a\tb", text);
    }
}
