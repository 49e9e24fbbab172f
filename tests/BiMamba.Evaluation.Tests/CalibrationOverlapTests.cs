using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation.Tests;

/// <summary>When a text is warned about.</summary>
public sealed class CalibrationOverlapTests
{
    private const int Length = 2;

    private static readonly string Sha256 = new('f', 64);

    private readonly DiagnosticBag bag = new();

    [Fact]
    public void A_text_of_the_calibration_windows_is_warned_about()
    {
        var overlap = CalibrationOverlap.Check(Sha256, Sketch(0, 20), Plan(0, 20), bag)!;
        Assert.Equal(new NgramOverlap(Length, 19, 19), overlap);
        var warning = Assert.Single(bag.Items);
        Assert.Same(RuntimeDiagnostics.CalibrationOverlap, warning.Descriptor);
        Assert.Equal("BIM5006", warning.Id);
        Assert.Equal(Severity.Warning, warning.Severity);
        Assert.Equal(ExitCode.Ok, bag.ExitCode);
        Assert.Contains("100.0 % of the distinct sequences of 2 tokens", warning.Message, StringComparison.Ordinal);
        Assert.Contains("19 of 19 sampled", warning.Message, StringComparison.Ordinal);
        Assert.Equal("corpus.ids", warning.Place.File);
    }

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(1, 1, true)]
    [InlineData(49, 1, false)]
    [InlineData(49, 2, true)]
    [InlineData(200, 0, false)]
    [InlineData(200, 3, false)]
    [InlineData(200, 4, true)]
    [InlineData(1000, 9, false)]
    [InlineData(1000, 10, true)]
    public void Up_to_half_a_percent_and_what_chance_adds_there_is_no_warning(int ngrams, int common, bool warns)
    {
        var overlap = CalibrationOverlap.Check(Sha256, Sketch(1000 - common, 50), Plan(1000 - ngrams, ngrams + 1), bag)!;
        Assert.Equal(new NgramOverlap(Length, common, ngrams), overlap);
        Assert.Equal(warns, bag.Items.Count == 1);
    }

    [Fact]
    public void The_same_file_is_warned_about_whatever_its_windows_are()
    {
        var plan = Plan(100, 20);
        var overlap = CalibrationOverlap.Check(plan.Corpus.Sha256.ToUpperInvariant(), Sketch(0, 20), plan, bag)!;
        Assert.Equal(0, overlap.Share);
        var warning = Assert.Single(bag.Items);
        Assert.Equal("BIM5006", warning.Id);
        Assert.Contains("SHA-256", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("%", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_sketch_files_are_compared_alone()
    {
        var plan = Plan(0, 20);
        Assert.Null(CalibrationOverlap.Check(Sha256, null, plan, bag));
        Assert.Empty(bag.Items);
        Assert.Null(CalibrationOverlap.Check(plan.Corpus.Sha256, null, plan, bag));
        Assert.Single(bag.Items);
    }

    [Fact]
    public void Tokens_outside_the_windows_do_not_count()
    {
        var plan = WindowPlan.Create(Corpora.OfIds([.. Enumerable.Range(0, 100)]), 10, 3, bag)!;
        Assert.Equal(Enumerable.Range(0, 30), plan.Ids.ToArray());
        Assert.Equal(new NgramOverlap(Length, 0, 29), CalibrationOverlap.Check(Sha256, Sketch(30, 70), plan, bag));
        Assert.Empty(bag.Items);
    }

    private static NgramSketch Sketch(int first, int count) => NgramSketch.Of([[.. Enumerable.Range(first, count)]], Length)!;

    private static WindowPlan Plan(int first, int count) => Corpora.Plan(count, [.. Enumerable.Range(first, count)]);
}
