using System.Globalization;

namespace BiMamba.Measurement.Plotting;

/// <summary>How an axis is divided.</summary>
public enum PlotScale
{
    /// <summary>Equal distances, from 0.</summary>
    Linear,

    /// <summary>Equal ratios, ticks at powers of 2.</summary>
    Log2,

    /// <summary>Equal ratios, ticks at 1, 2 and 5 of a decade.</summary>
    Log10,
}

/// <summary>An axis of a plot.</summary>
/// <param name="Label">What it shows, with the unit.</param>
/// <param name="Scale">How it is divided; a logarithmic axis takes values above 0 only.</param>
public sealed record PlotAxis(string Label, PlotScale Scale = PlotScale.Linear)
{
    private const int MostTicks = 8;
    private static readonly double[] Steps = [1, 2, 5, 10];

    /// <summary>The ticks that enclose the values, ascending, at least two.</summary>
    public IReadOnlyList<double> Ticks(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
            return [0, 1];
        var (min, max) = (values.Min(), values.Max());
        return Scale switch
        {
            PlotScale.Log2 => Powers(min, max),
            PlotScale.Log10 => Decades(min, max),
            _ => Multiples(Math.Min(0, min), max),
        };
    }

    /// <summary>Where a value is between the first tick (0) and the last (1).</summary>
    public double Place(double value, IReadOnlyList<double> ticks)
    {
        var (first, last) = (ticks[0], ticks[^1]);
        return Scale == PlotScale.Linear
            ? (value - first) / (last - first)
            : Math.Log(value / first) / Math.Log(last / first);
    }

    /// <summary>A tick as text: <c>0.5</c>, <c>20</c>, on an axis of powers of two <c>64k</c> for 65536.</summary>
    public string Text(double tick) => Scale == PlotScale.Log2 && tick >= 1024 && tick % 1024 == 0
        ? (tick / 1024).ToString("0", CultureInfo.InvariantCulture) + "k"
        : tick.ToString("0.######", CultureInfo.InvariantCulture);

    private static List<double> Multiples(double min, double max)
    {
        var span = max > min ? max - min : 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(span / MostTicks)));
        var step = Steps.Select(factor => factor * power).First(candidate => span / candidate <= MostTicks);
        var first = (long)Math.Floor(min / step);
        var last = Math.Max(first + 1, (long)Math.Ceiling((max / step) - 1e-9));
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => Math.Round((first + i) * step, 12))];
    }

    private static List<double> Powers(double min, double max)
    {
        var first = (int)Math.Floor(Math.Log2(min) + 1e-9);
        var last = Math.Max(first + 1, (int)Math.Ceiling(Math.Log2(max) - 1e-9));
        var step = ((last - first) / MostTicks) + 1;
        return [.. Enumerable.Range(0, ((last - first + step - 1) / step) + 1).Select(i => Math.Pow(2, first + (i * step)))];
    }

    private static List<double> Decades(double min, double max)
    {
        var ticks = new List<double>();
        for (var decade = (int)Math.Floor(Math.Log10(min) + 1e-9); ticks.Count == 0 || ticks[^1] < max * (1 - 1e-9); decade++)
            ticks.AddRange(Steps[..^1].Select(factor => Math.Round(factor * Math.Pow(10, decade), 12)));
        var first = ticks.FindLastIndex(tick => tick <= min * (1 + 1e-9));
        var last = Math.Max(first + 1, ticks.FindIndex(tick => tick >= max * (1 - 1e-9)));
        return ticks[first..(last + 1)];
    }
}
