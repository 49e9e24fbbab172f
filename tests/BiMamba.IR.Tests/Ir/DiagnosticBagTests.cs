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
}
