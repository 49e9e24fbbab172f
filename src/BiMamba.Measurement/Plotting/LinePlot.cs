using System.Globalization;
using System.Net;
using System.Text;

namespace BiMamba.Measurement.Plotting;

/// <summary>One line of a plot.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its points, in the order in which they are joined.</param>
public sealed record PlotSeries(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>
/// A line plot as an SVG text: axes, ticks, grid, markers and a legend. It is readable on light and dark pages, and the
/// shape of its markers tells the lines apart without colours. The text depends on the numbers only.
/// </summary>
/// <param name="Title">What is shown.</param>
/// <param name="X">Horizontal axis.</param>
/// <param name="Y">Vertical axis.</param>
/// <param name="Series">The lines; at most six colours are told apart.</param>
public sealed record LinePlot(string Title, PlotAxis X, PlotAxis Y, IReadOnlyList<PlotSeries> Series)
{
    private const int Width = 720;
    private const int Height = 420;
    private const int Left = 76;
    private const int Right = 24;
    private const int Top = 48;
    private const int Bottom = 96;
    private const int LegendStep = 22;

    private const string Style = """
        <style>
        .page{fill:#fff}.frame{stroke:#57606a;fill:none}.grid{stroke:#d8dee4}text{fill:#1f2328;font:13px system-ui,sans-serif}.title{font-size:15px;font-weight:600}
        .line{fill:none;stroke-width:2}.c0{--c:#0969da}.c1{--c:#bc4c00}.c2{--c:#1a7f37}.c3{--c:#bf3989}.c4{--c:#8250df}.c5{--c:#57606a}.line{stroke:var(--c)}.mark{fill:var(--c)}
        @media (prefers-color-scheme:dark){.page{fill:#0d1117}.frame{stroke:#8b949e}.grid{stroke:#30363d}text{fill:#e6edf3}
        .c0{--c:#58a6ff}.c1{--c:#f0883e}.c2{--c:#3fb950}.c3{--c:#f778ba}.c4{--c:#bc8cff}.c5{--c:#8b949e}}
        </style>
        """;

    private const int Colours = 6;

    /// <summary>The plot as an SVG document that ends with a line feed.</summary>
    public string ToSvg()
    {
        var x = X.Ticks([.. Series.SelectMany(line => line.Points).Select(point => point.X)]);
        var y = Y.Ticks([.. Series.SelectMany(line => line.Points).Select(point => point.Y)]);
        var svg = new StringBuilder();
        var height = Height + (LegendStep * Math.Max(0, LegendRows - 1));
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title>{Escape(Title)}</title>\n{Style.ReplaceLineEndings("\n")}\n<rect class=\"page\" width=\"{Width}\" height=\"{height}\"/>\n");
        svg.Append(Text(Left, 28, "start", Title, "title"));
        DrawAxes(svg, x, y);
        for (var i = 0; i < Series.Count; i++)
            DrawSeries(svg, i, x, y);
        return svg.Append("</svg>\n").ToString();
    }

    private const int LegendColumns = 3;

    private int LegendRows => (Series.Count + LegendColumns - 1) / LegendColumns;

    private void DrawAxes(StringBuilder svg, IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        foreach (var tick in x)
        {
            var at = Across(tick, x);
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{Number(at)} {Top}V{Height - Bottom}\"/>\n").Append(Text(at, Height - Bottom + 20, "middle", X.Text(tick)));
        }

        foreach (var tick in y)
        {
            var at = Down(tick, y);
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{Left} {Number(at)}H{Width - Right}\"/>\n").Append(Text(Left - 8, at + 4, "end", Y.Text(tick)));
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"frame\" d=\"M{Left} {Top}V{Height - Bottom}H{Width - Right}\"/>\n");
        svg.Append(Text((Left + Width - Right) / 2.0, Height - Bottom + 42, "middle", X.Label));
        var middle = (Top + Height - Bottom) / 2;
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"18\" y=\"{middle}\" text-anchor=\"middle\" transform=\"rotate(-90 18 {middle})\">{Escape(Y.Label)}</text>\n");
    }

    private void DrawSeries(StringBuilder svg, int index, IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        var points = Series[index].Points.Select(point => (X: Across(point.X, x), Y: Down(point.Y, y))).ToList();
        svg.Append(CultureInfo.InvariantCulture, $"<g class=\"c{index % Colours}\">\n");
        if (points.Count > 1)
            svg.Append("<path class=\"line\" d=\"M").AppendJoin('L', points.Select(point => $"{Number(point.X)} {Number(point.Y)}")).Append("\"/>\n");
        foreach (var point in points)
            svg.Append(Marker(index, point.X, point.Y));
        var (left, top) = (Left + (index % LegendColumns * ((Width - Left - Right) / LegendColumns)), Height - 22 + (index / LegendColumns * LegendStep));
        svg.Append(Marker(index, left + 6, top - 4)).Append(Text(left + 18, top, "start", Series[index].Name)).Append("</g>\n");
    }

    private static string Marker(int index, double x, double y) => (index % 4) switch
    {
        0 => $"<circle class=\"mark\" cx=\"{Number(x)}\" cy=\"{Number(y)}\" r=\"4\"/>\n",
        1 => $"<path class=\"mark\" d=\"M{Number(x - 4)} {Number(y - 4)}h8v8h-8z\"/>\n",
        2 => $"<path class=\"mark\" d=\"M{Number(x)} {Number(y - 5)}l5 9h-10z\"/>\n",
        _ => $"<path class=\"mark\" d=\"M{Number(x)} {Number(y - 5)}l5 5l-5 5l-5 -5z\"/>\n",
    };

    private double Across(double value, IReadOnlyList<double> ticks) => Left + (X.Place(value, ticks) * (Width - Left - Right));

    private double Down(double value, IReadOnlyList<double> ticks) => Height - Bottom - (Y.Place(value, ticks) * (Height - Bottom - Top));

    private static string Text(double x, double y, string anchor, string text, string? style = null) =>
        $"<text{(style is null ? "" : $" class=\"{style}\"")} x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\">{Escape(text)}</text>\n";

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
