using System.Text;
using BiMamba.Comparison.Reports.Figures;

namespace BiMamba.Comparison.Reports;

/// <summary>The figures about a corpus, with legends and, where a figure has more numbers than the table, these as a table.</summary>
internal static class FigureSection
{
    /// <summary>Appends all figures for which there are numbers.</summary>
    public static void Write(StringBuilder html, CorpusTable table)
    {
        WritePareto(html, table);
        WriteHeat(html, table);
        WritePositions(html, table);
    }

    private static void WritePareto(StringBuilder html, CorpusTable table)
    {
        var points = ParetoFigure.Points(table);
        if (points.Count == 0)
            return;
        Open(html, "Size and quality", "Points nearer to the lower left corner are smaller and better. The dashed line is the Pareto front: no other model here is better than a model on it without being larger.");
        html.Append(FigureSize.Both(size => ParetoFigure.Draw(points, size)));
        var styles = points.Select(point => TrainingStyle.Of(point.Training)).DistinctBy(style => style.Training).ToList();
        Legend(html, styles.Select(style => (Marker.Key(style.Class, style.Shape), style.Label)).Append(("<span class=\"front-key\"></span>", "Pareto front")));
        var drawn = points.Select(point => point.Name).ToHashSet(StringComparer.Ordinal);
        Missing(html, "Without bits per byte that can be drawn", table.Rows.Where(row => !drawn.Contains(row.Row.Name)));
        Close(html);
    }

    private static void WriteHeat(StringBuilder html, CorpusTable table)
    {
        if (HeatFigure.Of(table) is not { } figure)
            return;
        Open(html, "Error by block", "How far the output of every block is from the reference's, relative to it.");
        html.Append(FigureSize.Both(figure.Draw));
        var errors = figure.Rows.SelectMany(row => row.Errors).OfType<double>().ToList();
        var others = new List<(string Key, string Text)>();
        if (errors.Contains(0))
            others.Add(($"<span class=\"heat-key {HeatScale.Zero}\"></span>", "no error at all"));
        if (errors.Exists(error => !double.IsFinite(error)))
            others.Add(($"<span class=\"heat-key {HeatScale.Bad}\"></span>", "not a finite number"));
        Legend(html, others);
        var drawn = figure.Rows.Select(row => row.Name).ToHashSet(StringComparer.Ordinal);
        Missing(html, "Not compared block by block", table.Rows.Where(row => !row.IsReference && !drawn.Contains(row.Row.Name)));
        Values(html, $"Relative errors on {table.Corpus.Name}", ["model", .. figure.ShortNames()], figure.Rows.Select(row => (row.Name, row.Errors.Select(error => error is { } value ? ReportNumbers.Significant(value) : ReportNumbers.Missing))));
        Close(html);
    }

    private static void WritePositions(StringBuilder html, CorpusTable table)
    {
        var lines = PositionLine.Of(table);
        if (lines.Count == 0)
            return;
        var isMixed = lines.Any(line => !line.HasTokenizerOfReference);
        Open(html, "Bits by position", "How well a token is predicted with that much text before it." + (isMixed ? " Dashed: another tokenizer than the reference's, whose tokens are not comparable." : ""));
        html.Append(FigureSize.Both(size => PositionFigure.Draw(lines, size)));
        Legend(html, lines.Select(line => (Marker.LineKey(line.Class, line.Shape, !line.HasTokenizerOfReference), line.Name)));
        var drawn = lines.Select(line => line.Name).ToHashSet(StringComparer.Ordinal);
        Missing(html, "Without finite values by position", table.Rows.Where(row => !drawn.Contains(row.Row.Name)));
        var buckets = lines.SelectMany(line => line.Positions).Select(position => (position.From, position.To)).Distinct().Order().ToList();
        Values(html, $"Bits per token by position on {table.Corpus.Name}", ["model", .. buckets.Select(bucket => PositionFigure.Range(bucket.From, bucket.To))], lines.Select(line => (line.Name, buckets.Select(bucket =>
            line.Positions.FirstOrDefault(position => (position.From, position.To) == bucket) is { } mean ? ReportNumbers.Fixed(PositionFigure.Bits(mean.Nll), 3) : ReportNumbers.Missing))));
        Close(html);
    }

    private static void Open(StringBuilder html, string title, string caption) =>
        html.Append($"<figure>\n<figcaption><h3>{title}</h3><p>{HtmlText.Escape(caption)}</p></figcaption>\n");

    private static void Close(StringBuilder html) => html.Append("</figure>\n");

    private static void Legend(StringBuilder html, IEnumerable<(string Key, string Text)> entries)
    {
        var items = entries.Select(entry => $"<li>{entry.Key}{HtmlText.Escape(entry.Text)}</li>").ToList();
        if (items.Count > 0)
            html.Append("<ul class=\"legend\">").AppendJoin("", items).Append("</ul>\n");
    }

    private static void Missing(StringBuilder html, string why, IEnumerable<TableRow> rows)
    {
        // That a model was not measured at all is plain from the table.
        var names = rows.Where(row => row.Result is not null).Select(row => row.Row.Name).ToList();
        if (names.Count > 0)
            html.Append($"<p class=\"missing\">{why}: {HtmlText.Escape(string.Join(", ", names))}.</p>\n");
    }

    private static void Values(StringBuilder html, string name, IReadOnlyList<string> headers, IEnumerable<(string Name, IEnumerable<string> Values)> rows)
    {
        html.Append("<details>\n<summary>The values as a table</summary>\n");
        HtmlGrid.Write(html, name, headers, 1, rows.Select(row => row.Values.Prepend(row.Name).Select(HtmlText.Escape)));
        html.Append("</details>\n");
    }
}
