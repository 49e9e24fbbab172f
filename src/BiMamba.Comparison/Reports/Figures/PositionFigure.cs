using System.Text;
using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Reports.Figures;

/// <summary>A model in the plot of bits by position.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Class">Class of its colour.</param>
/// <param name="Shape">Its marker.</param>
/// <param name="HasTokenizerOfReference">Whether its tokens are those of the reference; the line is dashed where not.</param>
/// <param name="Positions">Its means, those that are finite.</param>
internal sealed record PositionLine(string Name, string Class, int Shape, bool HasTokenizerOfReference, IReadOnlyList<PositionMean> Positions)
{
    private const int Colours = 8;

    /// <summary>The lines of a table, with the looks that a model has on every corpus.</summary>
    public static IReadOnlyList<PositionLine> Of(CorpusTable table)
    {
        var lines = new List<PositionLine>();
        var others = 0;
        foreach (var row in table.Rows)
        {
            var (style, shape) = row.IsReference ? ("s-ref", 0) : ($"s{others % Colours}", 1 + (others % (Marker.Count - 1)));
            others += row.IsReference ? 0 : 1;
            if (row.Result?.Positions.Where(position => double.IsFinite(position.Nll)).ToList() is { Count: > 0 } positions)
                lines.Add(new PositionLine(row.Row.Name, style, shape, row.HasTokenizerOfReference, positions));
        }

        return lines;
    }
}

/// <summary>How well a model predicts with more and more text before it: bits a token by position in the window.</summary>
internal static class PositionFigure
{
    private const double Radius = 3.5;
    private const double LargeRatio = 4;

    /// <summary>Bits of a mean negative log-likelihood.</summary>
    public static double Bits(double nats) => nats / Math.Log(2);

    /// <summary>Positions of a bucket as text: <c>16-31</c>.</summary>
    public static string Range(int from, int to) => to - from <= 1 ? ReportNumbers.Count(from) : $"{ReportNumbers.Count(from)}-{ReportNumbers.Count(to - 1)}";

    /// <summary>The figure as SVG.</summary>
    /// <param name="lines">At least one.</param>
    /// <param name="size">For what room.</param>
    public static string Draw(IReadOnlyList<PositionLine> lines, FigureSize size)
    {
        var labels = size.IsNarrow ? 0 : Math.Min(170, lines.Max(line => Svg.Width(line.Name))) + 22;
        var height = size.IsNarrow ? 330 : Math.Max(400, PlotFrame.Top + PlotFrame.Bottom + (lines.Count * Svg.LineHeight));
        var bits = lines.SelectMany(line => line.Positions).Select(position => Bits(position.Nll)).ToList();
        var x = FigureAxis.Log2([.. lines.SelectMany(line => line.Positions).Select(Middle)], size.MostTicks);
        var y = bits.Min() > 0 && bits.Max() / bits.Min() > LargeRatio ? FigureAxis.Log(bits, 7) : FigureAxis.Linear(bits, 7);
        var frame = new PlotFrame(new Box(PlotFrame.Left(y), PlotFrame.Top, size.Width - Math.Max(6, labels), height - PlotFrame.Bottom), x, y);
        var svg = new StringBuilder(Svg.Open(size, height, Describe(lines)));
        frame.Draw(svg, size.IsNarrow ? "position in the window (log scale)" : "position in the window, in tokens (log scale)", $"bits per token ({(y.IsLogarithmic ? "log scale, " : "")}lower is better)", FigureAxis.PowerText);

        // The reference is drawn last, over the others.
        foreach (var line in lines.OrderBy(line => line.Class == "s-ref"))
            DrawLine(svg, frame, line);
        if (!size.IsNarrow)
            DrawEnds(svg, frame, lines, labels);
        return svg.Append("</svg>\n").ToString();
    }

    private static double Middle(PositionMean position) => Math.Sqrt((double)Math.Max(1, position.From) * Math.Max(1, position.To - 1));

    private static (double X, double Y) Point(PlotFrame frame, PositionMean position) => (frame.Across(Middle(position)), frame.Down(Bits(position.Nll)));

    private static void DrawLine(StringBuilder svg, PlotFrame frame, PositionLine line)
    {
        if (line.Positions.Count > 1)
            svg.Append(Svg.Path($"line {line.Class}{(line.HasTokenizerOfReference ? "" : " dashed")}", Svg.Line(line.Positions.Select(position => Point(frame, position)))));
        foreach (var position in line.Positions)
        {
            var (x, y) = Point(frame, position);
            var tooltip = $"{line.Name}, position {Range(position.From, position.To)}: {ReportNumbers.Fixed(Bits(position.Nll), 3)} bits/token, perplexity {ReportNumbers.Fixed(Math.Exp(position.Nll), 2)}";
            svg.Append(Svg.Path($"mark {line.Class}", Marker.At(line.Shape, x, y, Radius), tooltip));
        }
    }

    // Names beside the ends of their lines, pushed apart from above and then back from below.
    private static void DrawEnds(StringBuilder svg, PlotFrame frame, IReadOnlyList<PositionLine> lines, double room)
    {
        var ends = lines.Select(line => (Line: line, End: Point(frame, line.Positions[^1]))).OrderBy(entry => entry.End.Y).ToList();
        var places = ends.Select(entry => entry.End.Y).ToArray();
        for (var i = 1; i < places.Length; i++)
            places[i] = Math.Max(places[i], places[i - 1] + Svg.LineHeight);
        for (var i = places.Length - 1; i >= 0; i--)
            places[i] = Math.Min(places[i], i == places.Length - 1 ? frame.Area.Bottom - 4 : places[i + 1] - Svg.LineHeight);
        for (var i = 0; i < ends.Count; i++)
        {
            var (line, (x, y)) = ends[i];
            svg.Append(Svg.Path("leader", Svg.Line([(x + Radius + 1, y), (frame.Area.Right + 8, places[i])])));
            svg.Append(Svg.Text(frame.Area.Right + 12, places[i] + 4, "start", Svg.Shorten(line.Name, room - 14), "label"));
        }
    }

    private static string Describe(IReadOnlyList<PositionLine> lines) =>
        $"Bits per token by position in the window, {ReportNumbers.Count(lines.Count)} models. From first to last positions: "
        + string.Join("; ", lines.Select(line => $"{line.Name} from {ReportNumbers.Fixed(Bits(line.Positions[0].Nll), 3)} to {ReportNumbers.Fixed(Bits(line.Positions[^1].Nll), 3)}")) + ".";
}
