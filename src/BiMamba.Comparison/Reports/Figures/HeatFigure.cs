using System.Text;
using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Reports.Figures;

/// <summary>The relative error of every block: a row a model, a column a block.</summary>
/// <param name="Blocks">Names of the blocks, in the order of the models.</param>
/// <param name="Rows">The models with the errors of these blocks, null where a model has no such block.</param>
/// <param name="Scale">The colours.</param>
internal sealed record HeatFigure(IReadOnlyList<string> Blocks, IReadOnlyList<(string Name, IReadOnlyList<double?> Errors)> Rows, HeatScale Scale)
{
    private const double LegendHeight = 62;
    private const double LegendWidth = 300;

    /// <summary>The figure of a table, or null where no model has errors to draw.</summary>
    public static HeatFigure? Of(CorpusTable table)
    {
        var rows = table.Rows.Where(row => row.Result?.Versus?.Blocks.Count > 0).Select(row => (row.Row.Name, row.Result!.Versus!.Blocks)).ToList();
        if (HeatScale.Of(rows.SelectMany(row => row.Blocks).Select(block => block.RelativeError)) is not { } scale)
            return null;
        var blocks = rows.SelectMany(row => row.Blocks.Select(block => block.Block)).Distinct(StringComparer.Ordinal).ToList();
        return new HeatFigure(blocks, [.. rows.Select(row => (row.Name, Align(blocks, row.Blocks)))], scale);
    }

    /// <summary>The figure as SVG.</summary>
    public string Draw(FigureSize size)
    {
        var left = size.IsNarrow ? 0 : Math.Min(190, Rows.Max(row => Svg.Width(row.Name))) + 10;
        var (step, height, above) = size.IsNarrow ? (40.0, 18.0, 16.0) : (26.0, 22.0, 0.0);
        var cell = (size.Width - left - 1) / Blocks.Count;
        var bottom = Rows.Count * step;
        var svg = new StringBuilder(Svg.Open(size, bottom + 40 + LegendHeight, Describe()));
        for (var i = 0; i < Rows.Count; i++)
        {
            var top = (i * step) + above;
            svg.Append(size.IsNarrow
                ? Svg.Text(0, top - 4, "start", Svg.Shorten(Rows[i].Name, size.Width), "label")
                : Svg.Text(left - 8, top + (height / 2) + 4, "end", Svg.Shorten(Rows[i].Name, left - 10), "label"));
            DrawRow(svg, Rows[i], left, top, cell, height);
        }

        DrawBlocks(svg, left, bottom, cell, size);
        DrawLegend(svg, left, bottom + 52, size);
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>The names without what all of them begin with up to a dot: numbers of layers.</summary>
    public IReadOnlyList<string> ShortNames()
    {
        var prefix = Blocks[0][..(Blocks[0].LastIndexOf('.') + 1)];
        return prefix.Length > 0 && Blocks.All(block => block.StartsWith(prefix, StringComparison.Ordinal)) ? [.. Blocks.Select(block => block[prefix.Length..])] : Blocks;
    }

    private static List<double?> Align(IReadOnlyList<string> blocks, IReadOnlyList<BlockDifference> errors) =>
        [.. blocks.Select(block => errors.FirstOrDefault(error => error.Block == block)?.RelativeError)];

    private void DrawRow(StringBuilder svg, (string Name, IReadOnlyList<double?> Errors) row, double left, double top, double cell, double height)
    {
        var gap = cell >= 8 ? 1 : 0;
        for (var i = 0; i < Blocks.Count; i++)
        {
            if (row.Errors[i] is { } error)
                svg.Append(Svg.Path("heat " + Scale.Class(error), $"M{Svg.Number(left + (i * cell))} {Svg.Number(top)}h{Svg.Number(cell - gap)}v{Svg.Number(height)}H{Svg.Number(left + (i * cell))}z", $"{row.Name}, {Blocks[i]}: {ReportNumbers.Significant(error)}"));
        }
    }

    private void DrawBlocks(StringBuilder svg, double left, double bottom, double cell, FigureSize size)
    {
        var names = ShortNames().Select(name => Svg.Shorten(name, 80)).ToList();
        var every = Every(Blocks.Count, names.Max(Svg.Width) + 8, cell);
        for (var i = 0; i < names.Count; i += every)
        {
            var middle = Math.Clamp(left + ((i + 0.5) * cell) - (cell >= 8 ? 0.5 : 0), Svg.Width(names[i]) / 2, size.Width - (Svg.Width(names[i]) / 2));
            svg.Append(Svg.Text(middle, bottom + 14, "middle", names[i], "tick"));
        }

        svg.Append(Svg.Text((left + size.Width) / 2, bottom + 33, "middle", "block, in the order of the model", "axis-label"));
    }

    // Numbers of blocks that are easy to count on from: 1, 2, 4, 5, 8, 10, ...
    private static int Every(int count, double width, double cell) =>
        ((int[])[1, 2, 4, 5, 8, 10, 16, 20, 32, 40, 50, 64, 100]).FirstOrDefault(every => every * cell >= width, count);

    private void DrawLegend(StringBuilder svg, double left, double top, FigureSize size)
    {
        var width = Math.Min(LegendWidth, size.Width - left) - 16;
        var start = size.IsNarrow ? 8 : left;
        svg.Append(Svg.Text(start, top + 6, "start", "relative error of the block's output (log scale)", "axis-label"));
        var step = width / HeatScale.Steps;
        for (var i = 0; i < HeatScale.Steps; i++)
            svg.Append(Svg.Path("heat " + HeatScale.StepClass(i), $"M{Svg.Number(start + (i * step))} {Svg.Number(top + 13)}h{Svg.Number(step + (i + 1 < HeatScale.Steps ? 0.4 : 0))}v12H{Svg.Number(start + (i * step))}z"));
        var end = double.NegativeInfinity;
        foreach (var tick in LegendTicks())
        {
            var (at, text) = (start + (Scale.Place(tick) * width), ReportNumbers.Significant(tick));
            if (at - (Svg.Width(text) / 2) < end + 8)
                continue;
            svg.Append(Svg.Path("axis", $"M{Svg.Number(at)} {Svg.Number(top + 25)}v4")).Append(Svg.Text(at, top + 41, "middle", text, "tick"));
            end = at + (Svg.Width(text) / 2);
        }
    }

    private IEnumerable<double> LegendTicks() => FigureAxis.Log([Scale.Low, Scale.High], 7).Ticks.Where(tick => tick >= Scale.Low * 0.999 && tick <= Scale.High * 1.001);

    private string Describe() =>
        $"Relative error of {ReportNumbers.Count(Blocks.Count)} blocks of {ReportNumbers.Count(Rows.Count)} models, from {ReportNumbers.Significant(Scale.Low)} to {ReportNumbers.Significant(Scale.High)}. Largest: "
        + string.Join("; ", Rows.Select(Largest)) + ".";

    private string Largest((string Name, IReadOnlyList<double?> Errors) row)
    {
        var largest = row.Errors.Select((error, i) => (Error: error ?? double.NegativeInfinity, Block: Blocks[i])).MaxBy(entry => entry.Error);
        return $"{row.Name} at {largest.Block}, {ReportNumbers.Significant(largest.Error)}";
    }
}
