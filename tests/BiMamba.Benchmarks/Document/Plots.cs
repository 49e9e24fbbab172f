using BiMamba.Benchmarks.Results;
using BiMamba.Measurement.Plotting;

namespace BiMamba.Benchmarks.Document;

/// <summary>A plot of the document.</summary>
/// <param name="File">Name of its file in <c>docs/performance</c>.</param>
/// <param name="Plot">The plot.</param>
internal sealed record NamedPlot(string File, LinePlot Plot);

/// <summary>The plots that some results have points for.</summary>
internal static class Plots
{
    /// <summary>All plots with at least two points.</summary>
    public static IReadOnlyList<NamedPlot> Of(PerformanceResults results) =>
        [.. All(results).Where(named => named.Plot.Series.Any(line => line.Points.Count > 1))];

    private static IEnumerable<NamedPlot> All(PerformanceResults results)
    {
        yield return new NamedPlot("size-decode.svg", BySize("Decoding by model size", "tokens a second", results, round => round.Decode, round => round.Decode));
        yield return new NamedPlot("size-prefill.svg", BySize("A prompt of 512 tokens by model size", "tokens a second", results, round => round.Prefill, round => round.Prefill));
        if (results.Growth is not { } growth)
            yield break;
        yield return Growth("context.svg", $"A token behind a context, {growth.Size}", "tokens before it", "ms a token", PlotScale.Log2, Line("decode", growth.Context, point => 1e3 / point.TokensPerSecond));
        yield return Growth("memory.svg", $"Memory of its own behind a context, {growth.Size}", "tokens before it", "MB", PlotScale.Log2, Line("anonymous", growth.Context, point => point.AnonymousBytes / 1e6));
        yield return Growth("batch.svg", $"Sequences side by side, {growth.Size}", "sequences", "tokens a second, all together", PlotScale.Log2, Line("decode", growth.Batch, point => point.TokensPerSecond));
        yield return Growth("threads-decode.svg", $"Decoding by threads, {growth.Size}", "threads", "tokens a second", PlotScale.Linear, Line("decode", growth.Threads, point => point.TokensPerSecond));
        yield return Growth("threads-prefill.svg", $"A prompt of 512 tokens by threads, {growth.Size}", "threads", "tokens a second", PlotScale.Linear, Line("prefill", growth.Threads, point => point.PrefillPerSecond));
    }

    private static NamedPlot Growth(string file, string title, string x, string y, PlotScale scale, PlotSeries line) =>
        new(file, new LinePlot(title, new PlotAxis(x, scale), new PlotAxis(y), [line]));

    private static PlotSeries Line(string name, IReadOnlyList<GrowthPoint> points, Func<GrowthPoint, double?> value) =>
        new(name, [.. points.Where(point => value(point) is not null).Select(point => ((double)point.X, value(point)!.Value))]);

    private static LinePlot BySize(string title, string y, PerformanceResults results, Func<OurRound, double> ours, Func<LlamaRound, double> theirs)
    {
        var types = results.Models.SelectMany(model => model.Llama).Select(row => row.Type).Distinct(StringComparer.Ordinal);
        var lines = types.Select(type => new PlotSeries(
            $"llama.cpp {type.ToUpperInvariant()}",
            [.. results.Models.Where(model => model.Find(type) is not null).Select(model => (Billions(model), Measurement.Statistics.Median(model.Find(type)!.Rounds.Select(theirs))))]));
        return new LinePlot(title, new PlotAxis("weights (billions)", PlotScale.Log10), new PlotAxis(y, PlotScale.Log10), [
            new PlotSeries("BiMamba", [.. results.Models.Select(model => (Billions(model), model.Median(ours)))]), .. lines]);
    }

    /// <summary>The size's own word as a number: 130m is 0.13.</summary>
    private static double Billions(ModelResult model) =>
        double.Parse(model.Size.AsSpan()[..^1], System.Globalization.CultureInfo.InvariantCulture) * (model.Size[^1] == 'm' ? 1e-3 : 1);
}
