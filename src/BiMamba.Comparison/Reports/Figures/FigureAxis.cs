using System.Globalization;

namespace BiMamba.Comparison.Reports.Figures;

/// <summary>An axis of a figure, from a little below the smallest value to a little above the largest.</summary>
/// <param name="Low">Its start.</param>
/// <param name="High">Its end.</param>
/// <param name="IsLogarithmic">Whether equal distances are equal ratios.</param>
/// <param name="Ticks">The ticks, ascending, between start and end.</param>
internal sealed record FigureAxis(double Low, double High, bool IsLogarithmic, IReadOnlyList<double> Ticks)
{
    private const double Margin = 0.06;
    private const double LeastRatio = 1.1;
    private static readonly double[] Steps = [1, 2, 5, 10];

    // Steps of a decade, from close to wide.
    private static readonly double[][] DecadeSteps = [[1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9], [1, 1.5, 2, 3, 4, 5, 7], [1, 2, 5], [1]];

    /// <summary>Where a value is between start (0) and end (1).</summary>
    public double Place(double value) => IsLogarithmic ? Math.Log(value / Low) / Math.Log(High / Low) : (value - Low) / (High - Low);

    /// <summary>A tick as text: <c>0.5</c>, <c>2000</c>.</summary>
    public static string Text(double tick) => Math.Abs(tick) is >= 1e6 or (< 1e-4 and > 0) ? tick.ToString("0.##e+0", CultureInfo.InvariantCulture) : tick.ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>A power of two as text: <c>512</c>, <c>2k</c>.</summary>
    public static string PowerText(double tick) => tick >= 1024 ? Text(tick / 1024) + "k" : Text(tick);

    /// <summary>Equal distances.</summary>
    /// <param name="values">Finite values, at least one.</param>
    /// <param name="most">Ticks at most.</param>
    public static FigureAxis Linear(IReadOnlyCollection<double> values, int most)
    {
        var (min, max) = (values.Min(), values.Max());
        var half = max > min ? 0 : Math.Max(Math.Abs(max) * 0.05, 0.05);
        var margin = half + (Margin * (max - min + half));
        var (low, high) = (min - margin, max + margin);
        return new FigureAxis(low, high, false, Multiples(low, high, most));
    }

    /// <summary>Equal ratios, ticks at round parts of decades; at even distances where there are none.</summary>
    /// <param name="values">Values above 0, at least one.</param>
    /// <param name="most">Ticks at most.</param>
    public static FigureAxis Log(IReadOnlyCollection<double> values, int most)
    {
        var (low, high) = Around(values);
        var ticks = DecadeSteps.Select(steps => Decades(low, high, steps)).FirstOrDefault(ticks => ticks.Count <= most) ?? Decades(low, high, [1]);
        if (ticks.Count > most)
            ticks = [.. ticks.Where((_, i) => i % ((ticks.Count + most - 1) / most) == 0)];
        return new FigureAxis(low, high, true, ticks.Count > 1 ? ticks : Multiples(low, high, Math.Min(most, 4)));
    }

    /// <summary>Equal ratios, ticks at powers of two.</summary>
    /// <param name="values">Values above 0, at least one.</param>
    /// <param name="most">Ticks at most.</param>
    public static FigureAxis Log2(IReadOnlyCollection<double> values, int most)
    {
        var (low, high) = Around(values);
        var (first, last) = ((int)Math.Ceiling(Math.Log2(low)), (int)Math.Floor(Math.Log2(high)));
        var step = Math.Max(1, (last - first + most) / most);
        return new FigureAxis(low, high, true, [.. Enumerable.Range(first, Math.Max(0, last - first + 1)).Where(power => (power - first) % step == 0).Select(power => Math.Pow(2, power))]);
    }

    private static (double Low, double High) Around(IReadOnlyCollection<double> values)
    {
        var (min, max) = (values.Min(), values.Max());
        var ratio = Math.Max(Math.Pow(max / min, Margin), LeastRatio);
        return (min / ratio, max * ratio);
    }

    private static List<double> Multiples(double low, double high, int most)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10((high - low) / most)));
        var step = Steps.Select(factor => factor * power).First(candidate => (high - low) / candidate <= most);
        var (first, last) = ((long)Math.Ceiling(low / step), (long)Math.Floor(high / step));
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => Math.Round((first + i) * step, 12))];
    }

    private static List<double> Decades(double low, double high, double[] steps) =>
    [
        .. Enumerable.Range((int)Math.Floor(Math.Log10(low)), (int)Math.Ceiling(Math.Log10(high)) - (int)Math.Floor(Math.Log10(low)) + 1)
            .SelectMany(decade => steps.Select(step => Math.Round(step * Math.Pow(10, decade), 12))).Where(tick => tick >= low && tick <= high),
    ];
}
