using BiMamba.Comparison.Reports.Figures;

namespace BiMamba.Comparison.Tests.Reports;

/// <summary>Parts of figures.</summary>
public sealed class FigureTests
{
    [Fact]
    public void The_front_has_the_points_that_no_other_beats()
    {
        ParetoPoint[] points =
        [
            new("large and best", "full", 100, 1), new("small", "ptb", 10, 3), new("beaten", "ptb", 20, 3), new("middle", "ptb", 20, 2),
            new("equal to middle", "ptb", 20, 2), new("large and worse", "ptb", 120, 1), new("small and worse", "bat", 10, 4),
        ];
        Assert.Equal(["small", "middle", "large and best"], ParetoPoint.Front(points).Select(point => point.Name));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(12)]
    [InlineData(24)]
    public void Labels_cover_neither_points_nor_each_other(int count)
    {
        // Points in two heaps, as models of nearly one size are.
        var points = Enumerable.Range(0, count).Select(i => (X: (i % 2 == 0 ? 150 : 600) + (i * 3.0), Y: 120 + (i * 37 % 90.0))).ToList();
        var bounds = new Box(0, 0, 860, 440);
        var placer = new LabelPlacer(bounds);
        var markers = points.Select(point => new Box(point.X - 5, point.Y - 5, point.X + 5, point.Y + 5)).ToList();
        markers.ForEach(placer.Avoid);
        var labels = points.Select((point, i) => placer.Place(point.X, point.Y, 5, 40 + (i % 5 * 15), 15, isNeeded: true)!.Value.Box).ToList();
        Assert.All(labels, label => Assert.True(bounds.Contains(label)));
        for (var i = 0; i < labels.Count; i++)
            Assert.Equal(0, labels.Skip(i + 1).Concat(markers).Sum(labels[i].Overlap), 6);
    }

    [Fact]
    public void A_label_that_is_not_needed_is_left_out_where_there_is_no_place_near()
    {
        var placer = new LabelPlacer(new Box(0, 0, 300, 300));
        placer.Avoid(new Box(0, 0, 300, 250));
        Assert.Null(placer.Place(150, 100, 5, 60, 15, isNeeded: false));
        Assert.NotNull(placer.Place(150, 100, 5, 60, 15, isNeeded: true));
        Assert.NotNull(placer.Place(150, 240, 5, 60, 15, isNeeded: false));
    }

    [Theory]
    [InlineData(86, 5407, 12, "100 200 500 1000 2000 5000")]
    [InlineData(86, 5407, 4, "100 1000")]
    [InlineData(310, 330, 6, "300 350")]
    [InlineData(0.001, 90000, 5, "0.001 0.1 10 1000 100000")]
    public void Ticks_of_a_logarithmic_axis(double low, double high, int most, string expected) =>
        Assert.Equal(expected, string.Join(' ', FigureAxis.Log([low, high], most).Ticks.Select(FigureAxis.Text)));

    [Theory]
    [InlineData(0.95, 1.37, "1 1.1 1.2 1.3")]
    [InlineData(2, 2, "1.9 1.95 2 2.05 2.1")]
    public void Ticks_of_a_linear_axis(double low, double high, string expected) =>
        Assert.Equal(expected, string.Join(' ', FigureAxis.Linear([low, high], 7).Ticks.Select(FigureAxis.Text)));

    [Fact]
    public void Ticks_of_an_axis_of_positions() =>
        Assert.Equal("1 2 4 8 16 32 64 128 256 512 1k 2k", string.Join(' ', FigureAxis.Log2([1, 2047], 12).Ticks.Select(FigureAxis.PowerText)));

    [Fact]
    public void Errors_are_coloured_by_their_logarithm()
    {
        var scale = HeatScale.Of([0.01, 1, 0, double.PositiveInfinity])!;
        Assert.Equal("h0", scale.Class(0.01));
        Assert.Equal("h8", scale.Class(0.1001));
        Assert.Equal("hf", scale.Class(1));
        Assert.Equal(HeatScale.Zero, scale.Class(0));
        Assert.Equal(HeatScale.Bad, scale.Class(double.PositiveInfinity));
        Assert.Equal(HeatScale.Bad, scale.Class(double.NaN));
        Assert.Null(HeatScale.Of([0, double.NaN]));
    }

    [Fact]
    public void A_long_name_is_shortened()
    {
        Assert.Equal("short", Svg.Shorten("short", 100));
        var text = Svg.Shorten(new string('m', 80), 100);
        Assert.EndsWith("\u2026", text, StringComparison.Ordinal);
        Assert.True(Svg.Width(text) <= 100);
    }
}
