using System.Xml.Linq;
using BiMamba.Measurement.Plotting;

namespace BiMamba.Measurement.Tests;

/// <summary>Axes and plots.</summary>
public sealed class PlotTests
{
    [Theory]
    [InlineData(PlotScale.Linear, new[] { 3.0, 97 }, new[] { 0.0, 20, 40, 60, 80, 100 })]
    [InlineData(PlotScale.Linear, new[] { 0.02 }, new[] { 0.0, 0.005, 0.01, 0.015, 0.02 })]
    [InlineData(PlotScale.Linear, new[] { 0.0 }, new[] { 0.0, 0.2 })]
    [InlineData(PlotScale.Linear, new[] { -5.0, 5 }, new[] { -6.0, -4, -2, 0, 2, 4, 6 })]
    [InlineData(PlotScale.Log2, new[] { 1024.0, 8192 }, new[] { 1024.0, 2048, 4096, 8192 })]
    [InlineData(PlotScale.Log2, new[] { 1.0 }, new[] { 1.0, 2 })]
    [InlineData(PlotScale.Log2, new[] { 1.0, 65536 }, new[] { 1.0, 8, 64, 512, 4096, 32768, 262144 })]
    [InlineData(PlotScale.Log10, new[] { 0.13, 2.7 }, new[] { 0.1, 0.2, 0.5, 1, 2, 5 })]
    [InlineData(PlotScale.Log10, new[] { 10.0 }, new[] { 10.0, 20 })]
    public void Ticks_are_round_and_enclose_the_values(PlotScale scale, double[] values, double[] expected)
    {
        var axis = new PlotAxis("x", scale);
        var ticks = axis.Ticks(values);
        Assert.Equal(expected, ticks);
        Assert.All(values, value => Assert.InRange(axis.Place(value, ticks), 0, 1));
        Assert.Equal(0, axis.Place(ticks[0], ticks));
        Assert.Equal(1, axis.Place(ticks[^1], ticks), 1e-12);
    }

    [Fact]
    public void Large_powers_of_two_are_short()
    {
        Assert.Equal("64k", new PlotAxis("x", PlotScale.Log2).Text(65536));
        Assert.Equal("16", new PlotAxis("x", PlotScale.Log2).Text(16));
        Assert.Equal("0.5", new PlotAxis("x").Text(0.5));
    }

    [Fact]
    public void A_plot_is_a_drawing_of_all_its_points()
    {
        var plot = new LinePlot("a < b & c", new PlotAxis("n", PlotScale.Log2), new PlotAxis("ms"), [
            new PlotSeries("first", [(1, 2.5), (2, 5), (4, 10)]), new PlotSeries("second", [(1, 1)]), new PlotSeries("third", []), new PlotSeries("fourth", [(2, 2)])]);
        var svg = plot.ToSvg();
        XNamespace name = "http://www.w3.org/2000/svg";
        var root = XDocument.Parse(svg).Root!;
        Assert.Equal("a < b & c", root.Element(name + "title")!.Value);
        Assert.Contains("prefers-color-scheme", svg, StringComparison.Ordinal);
        // A marker a point and one in the legend; a line only where two points can be joined.
        Assert.Equal(5 + 4, root.Descendants().Count(element => (string?)element.Attribute("class") == "mark"));
        Assert.Equal(1, root.Descendants().Count(element => (string?)element.Attribute("class") == "line"));
        Assert.All((string[])["first", "second", "third", "fourth", "n", "ms"], text => Assert.Contains(root.Descendants(name + "text"), element => element.Value == text));
        Assert.Equal(svg, plot.ToSvg());
        Assert.DoesNotContain('\r', svg);
    }

    [Fact]
    public void A_plot_without_points_is_still_a_drawing() =>
        Assert.NotNull(XDocument.Parse(new LinePlot("t", new PlotAxis("x"), new PlotAxis("y"), []).ToSvg()).Root);
}
