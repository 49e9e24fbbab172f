namespace BiMamba.Comparison.Reports.Figures;

/// <summary>Shapes that tell points apart without colours.</summary>
internal static class Marker
{
    private static readonly Func<double, string>[] Shapes =
    [
        r => $"m{Svg.Number(-r)} 0a{Svg.Number(r)} {Svg.Number(r)} 0 1 0 {Svg.Number(2 * r)} 0a{Svg.Number(r)} {Svg.Number(r)} 0 1 0 {Svg.Number(-2 * r)} 0z",
        r => Polygon((-0.9 * r, -0.9 * r), (0.9 * r, -0.9 * r), (0.9 * r, 0.9 * r), (-0.9 * r, 0.9 * r)),
        r => Polygon((0, -1.2 * r), (1.15 * r, 0.85 * r), (-1.15 * r, 0.85 * r)),
        r => Polygon((0, -1.3 * r), (1.3 * r, 0), (0, 1.3 * r), (-1.3 * r, 0)),
        r => Polygon((0, 1.2 * r), (1.15 * r, -0.85 * r), (-1.15 * r, -0.85 * r)),
        r => Polygon(
            (-0.4 * r, -1.2 * r), (0.4 * r, -1.2 * r), (0.4 * r, -0.4 * r), (1.2 * r, -0.4 * r), (1.2 * r, 0.4 * r), (0.4 * r, 0.4 * r),
            (0.4 * r, 1.2 * r), (-0.4 * r, 1.2 * r), (-0.4 * r, 0.4 * r), (-1.2 * r, 0.4 * r), (-1.2 * r, -0.4 * r), (-0.4 * r, -0.4 * r)),
    ];

    /// <summary>How many shapes there are.</summary>
    public static int Count => Shapes.Length;

    /// <summary>Data of a path: a shape around a point.</summary>
    /// <param name="shape">Which of <see cref="Count"/>.</param>
    /// <param name="x">The point.</param>
    /// <param name="y">The point.</param>
    /// <param name="radius">About half of its size.</param>
    public static string At(int shape, double x, double y, double radius) => $"M{Svg.Number(x)} {Svg.Number(y)}{Shapes[shape](radius)}";

    /// <summary>A small image of a shape for a legend or a table.</summary>
    /// <param name="style">Class of its colour.</param>
    /// <param name="shape">Which of <see cref="Count"/>.</param>
    public static string Key(string style, int shape) =>
        $"""<svg xmlns="http://www.w3.org/2000/svg" class="key" viewBox="0 0 14 14" aria-hidden="true">{Svg.Path("mark " + style, At(shape, 7, 7, 5)).TrimEnd()}</svg>""";

    /// <summary>The same with a line through it.</summary>
    public static string LineKey(string style, int shape, bool isDashed) =>
        $"""<svg xmlns="http://www.w3.org/2000/svg" class="key line-key" viewBox="0 0 30 14" aria-hidden="true"><path class="line {style}{(isDashed ? " dashed" : "")}" d="M0 7H30"/>{Svg.Path("mark " + style, At(shape, 15, 7, 4.5)).TrimEnd()}</svg>""";

    private static string Polygon(params (double X, double Y)[] corners) =>
        $"m{Svg.Number(corners[0].X)} {Svg.Number(corners[0].Y)}l"
        + string.Join(' ', corners.Zip(corners.Skip(1), (from, to) => $"{Svg.Number(to.X - from.X)} {Svg.Number(to.Y - from.Y)}")) + "z";
}
