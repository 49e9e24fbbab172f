using System.Text;

namespace BiMamba.Comparison.Reports.Figures;

/// <summary>A model in the plane of size and quality.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Training">Its way of training.</param>
/// <param name="Bytes">Bytes of its file.</param>
/// <param name="BitsPerByte">Bits a byte of text.</param>
internal sealed record ParetoPoint(string Name, string Training, long Bytes, double BitsPerByte)
{
    /// <summary>The points that no other is smaller than at the same or a better quality, nor better than at the same or a smaller size; from small to large.</summary>
    public static IReadOnlyList<ParetoPoint> Front(IEnumerable<ParetoPoint> points)
    {
        var front = new List<ParetoPoint>();
        foreach (var point in points.OrderBy(point => point.Bytes).ThenBy(point => point.BitsPerByte))
        {
            if (front.Count == 0 || point.BitsPerByte < front[^1].BitsPerByte)
                front.Add(point);
        }

        return front;
    }
}

/// <summary>Quality over size: bits a byte over the size of the file, with the Pareto front.</summary>
internal static class ParetoFigure
{
    private const double Radius = 5;
    private const double MegaByte = 1e6;
    private const double LargeRatio = 2;

    /// <summary>The points of a table that can be drawn.</summary>
    public static IReadOnlyList<ParetoPoint> Points(CorpusTable table) =>
    [
        .. table.Rows.Where(row => row.Result?.BitsPerByte is { } bits && double.IsFinite(bits) && row.Row.Size.FileBytes > 0)
            .Select(row => new ParetoPoint(row.Row.Name, row.Row.Training, row.Row.Size.FileBytes, row.Result!.BitsPerByte!.Value)),
    ];

    /// <summary>The figure as SVG.</summary>
    /// <param name="points">At least one.</param>
    /// <param name="size">For what room.</param>
    public static string Draw(IReadOnlyList<ParetoPoint> points, FigureSize size)
    {
        var front = ParetoPoint.Front(points);
        var frame = Frame(points, size);
        var svg = new StringBuilder(Svg.Open(size, Height(size), Describe(points, front)));
        frame.Draw(svg, "file size in MB (log scale)", $"bits per byte ({(frame.Y.IsLogarithmic ? "log scale, " : "")}lower is better)", FigureAxis.Text);
        DrawFront(svg, frame, front);
        var labels = PlaceLabels(points, front, frame, size);
        foreach (var label in labels)
            svg.Append(label.Leader);
        foreach (var point in points)
        {
            var style = TrainingStyle.Of(point.Training);
            var tooltip = $"{point.Name} ({point.Training}): {ReportNumbers.Megabytes(point.Bytes)}, {ReportNumbers.Fixed(point.BitsPerByte, 4)} bits/byte{(front.Contains(point) ? ", on the Pareto front" : "")}";
            svg.Append(Svg.Path("mark " + style.Class, Marker.At(style.Shape, frame.Across(point.Bytes / MegaByte), frame.Down(point.BitsPerByte), Radius), tooltip));
        }

        foreach (var label in labels)
            svg.Append(label.Text);
        return svg.Append("</svg>\n").ToString();
    }

    private static double Height(FigureSize size) => size.IsNarrow ? 360 : 440;

    private static PlotFrame Frame(IReadOnlyList<ParetoPoint> points, FigureSize size)
    {
        var bits = points.Select(point => point.BitsPerByte).ToList();
        var x = FigureAxis.Log([.. points.Select(point => point.Bytes / MegaByte)], size.MostTicks);
        var y = bits.Min() > 0 && bits.Max() / bits.Min() > LargeRatio ? FigureAxis.Log(bits, 7) : FigureAxis.Linear(bits, 7);
        return new PlotFrame(new Box(PlotFrame.Left(y), PlotFrame.Top, size.Width - 4, Height(size) - PlotFrame.Bottom), x, y);
    }

    // A staircase: what lies above and right of it is worse than a point of the front in both ways.
    private static void DrawFront(StringBuilder svg, PlotFrame frame, IReadOnlyList<ParetoPoint> front)
    {
        var path = $"M{Svg.Number(frame.Across(front[0].Bytes / MegaByte))} {Svg.Number(frame.Area.Top)}";
        foreach (var point in front)
            path += $"H{Svg.Number(frame.Across(point.Bytes / MegaByte))}V{Svg.Number(frame.Down(point.BitsPerByte))}";
        svg.Append(Svg.Path("front", path + $"H{Svg.Number(frame.Area.Right)}"));
    }

    private static List<(string Leader, string Text)> PlaceLabels(IReadOnlyList<ParetoPoint> points, IReadOnlyList<ParetoPoint> front, PlotFrame frame, FigureSize size)
    {
        var placer = new LabelPlacer(frame.Area);
        foreach (var point in points)
        {
            var (x, y) = (frame.Across(point.Bytes / MegaByte), frame.Down(point.BitsPerByte));
            placer.Avoid(new Box(x - Radius, y - Radius, x + Radius, y + Radius));
        }

        for (var i = 0; i < front.Count; i++)
        {
            var (x, y) = (frame.Across(front[i].Bytes / MegaByte), frame.Down(front[i].BitsPerByte));
            var (next, before) = (i + 1 < front.Count ? frame.Across(front[i + 1].Bytes / MegaByte) : frame.Area.Right, i > 0 ? frame.Down(front[i - 1].BitsPerByte) : frame.Area.Top);
            placer.Avoid(new Box(x, y - 1, next, y + 1));
            placer.Avoid(new Box(x - 1, before, x + 1, y));
        }

        // The front comes first. A phone has no room for lines that lead far away: there, only the front is named in any case.
        var ordered = points.OrderBy(point => front.Contains(point) ? 0 : 1).ThenBy(point => point.BitsPerByte).ThenBy(point => point.Name, StringComparer.Ordinal);
        return [.. ordered.Select(point => PlaceLabel(point, placer, frame, size, !size.IsNarrow || front.Contains(point)))];
    }

    private static (string Leader, string Text) PlaceLabel(ParetoPoint point, LabelPlacer placer, PlotFrame frame, FigureSize size, bool isNeeded)
    {
        var text = Svg.Shorten(point.Name, size.IsNarrow ? 110 : 190);
        var (x, y) = (frame.Across(point.Bytes / MegaByte), frame.Down(point.BitsPerByte));
        if (placer.Place(x, y, Radius, Svg.Width(text), Svg.LineHeight, isNeeded) is not { } place)
            return ("", "");
        var (box, needsLeader) = place;
        var leader = needsLeader ? Svg.Path("leader", $"M{Svg.Number(x)} {Svg.Number(y)}L{Svg.Number(Math.Clamp(x, box.Left, box.Right))} {Svg.Number(Math.Clamp(y, box.Top + 2, box.Bottom - 2))}") : "";

        // Widths are estimated: a text that touches its point from the left is anchored there.
        var isLeft = box.Right <= x;
        return (leader, Svg.Text(isLeft ? box.Right : box.Left, box.Bottom - 3.5, isLeft ? "end" : "start", text, "label"));
    }

    private static string Describe(IReadOnlyList<ParetoPoint> points, IReadOnlyList<ParetoPoint> front) =>
        $"Bits per byte over file size, {ReportNumbers.Count(points.Count)} models. Pareto front from small to large: {string.Join(", ", front.Select(point => point.Name))}.";
}
