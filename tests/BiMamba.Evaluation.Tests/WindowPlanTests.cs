using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation.Tests;

/// <summary>How a corpus is cut.</summary>
public sealed class WindowPlanTests
{
    [Theory]
    [InlineData(4, 4, 1)]
    [InlineData(7, 4, 1)]
    [InlineData(8, 4, 2)]
    [InlineData(9, 2, 4)]
    [InlineData(2, 2, 1)]
    public void Windows_are_disjoint_and_the_tail_is_dropped(int tokens, int context, int count)
    {
        var plan = Corpora.Plan(context, [.. Enumerable.Range(0, tokens)]);
        Assert.Equal(count, plan.Count);
        for (var i = 0; i < count; i++)
            Assert.Equal(Enumerable.Range(i * context, context), plan.Window(i).ToArray());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(null, 2)]
    public void A_limit_keeps_the_first_windows(int? limit, int count)
    {
        var plan = WindowPlan.Create(Corpora.OfIds(0, 1, 2, 3, 4), 2, limit, new DiagnosticBag())!;
        Assert.Equal(count, plan.Count);
        Assert.Equal([0, 1], plan.Window(0).ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_text_shorter_than_a_window_is_refused(int tokens)
    {
        var bag = new DiagnosticBag();
        Assert.Null(WindowPlan.Create(Corpora.OfIds([.. Enumerable.Range(0, tokens)]), 4, null, bag));
        var error = Assert.Single(bag.Items);
        Assert.Same(RuntimeDiagnostics.TextTooShort, error.Descriptor);
        Assert.Equal("BIM5002", error.Id);
        Assert.Equal(8, (int)bag.ExitCode);
        Assert.Contains($"window of 4 tokens, found {tokens}", error.Message, StringComparison.Ordinal);
        Assert.Equal("corpus.ids", error.Place.File);
        Assert.Contains("--context", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void The_protocol_table_has_one_row_a_name()
    {
        Assert.Equal(Protocol.All.Length, Protocol.All.Select(row => row.Name).Distinct().Count());
        Assert.Contains(Protocol.Gptq, Protocol.All);
        Assert.Equal(2048, Protocol.Gptq.DefaultContext);
    }
}
