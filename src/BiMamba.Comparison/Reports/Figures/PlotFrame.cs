using System.Text;

namespace BiMamba.Comparison.Reports.Figures;

/// <summary>The axes of a plot and the place between them.</summary>
/// <param name="Area">Where the points are, in user units.</param>
/// <param name="X">Horizontal axis.</param>
/// <param name="Y">Vertical axis.</param>
internal sealed record PlotFrame(Box Area, FigureAxis X, FigureAxis Y)
{
    /// <summary>Room above the area: the label of the vertical axis, which stands upright over it.</summary>
    public const double Top = 28;

    /// <summary>Room below the area.</summary>
    public const double Bottom = 44;

    /// <summary>The horizontal place of a value.</summary>
    public double Across(double value) => Area.Left + (X.Place(value) * (Area.Right - Area.Left));

    /// <summary>The vertical place of a value.</summary>
    public double Down(double value) => Area.Bottom - (Y.Place(value) * (Area.Bottom - Area.Top));

    /// <summary>Room left of the area for the texts of a vertical axis.</summary>
    public static double Left(FigureAxis y) => y.Ticks.Max(tick => Svg.Width(FigureAxis.Text(tick))) + 10;

    /// <summary>Appends grid, ticks and labels.</summary>
    /// <param name="svg">The image.</param>
    /// <param name="x">Label of the horizontal axis.</param>
    /// <param name="y">Label of the vertical axis.</param>
    /// <param name="text">Text of a horizontal tick.</param>
    public void Draw(StringBuilder svg, string x, string y, Func<double, string> text)
    {
        foreach (var tick in Y.Ticks)
        {
            svg.Append(Svg.Path("grid", $"M{Svg.Number(Area.Left)} {Svg.Number(Down(tick))}H{Svg.Number(Area.Right)}"));
            svg.Append(Svg.Text(Area.Left - 6, Down(tick) + 4, "end", FigureAxis.Text(tick), "tick"));
        }

        svg.Append(Svg.Path("axis", $"M{Svg.Number(Area.Left)} {Svg.Number(Area.Bottom)}H{Svg.Number(Area.Right)}"));
        DrawAcross(svg, text);
        svg.Append(Svg.Text((Area.Left + Area.Right) / 2, Area.Bottom + 38, "middle", x, "axis-label"));
        svg.Append(Svg.Text(2, 14, "start", y, "axis-label"));
    }

    // A tick whose text would run into the one before has none.
    private void DrawAcross(StringBuilder svg, Func<double, string> text)
    {
        var end = double.NegativeInfinity;
        foreach (var tick in X.Ticks)
        {
            var (at, half) = (Across(tick), Svg.Width(text(tick)) / 2);
            svg.Append(Svg.Path("axis", $"M{Svg.Number(at)} {Svg.Number(Area.Bottom)}v5"));
            if (at - half < end + 6)
                continue;
            svg.Append(Svg.Text(at, Area.Bottom + 19, "middle", text(tick), "tick"));
            end = at + half;
        }
    }
}
