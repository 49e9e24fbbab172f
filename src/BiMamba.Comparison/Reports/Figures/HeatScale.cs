using System.Globalization;

namespace BiMamba.Comparison.Reports.Figures;

/// <summary>Colours of relative errors: equal steps of a logarithmic scale.</summary>
/// <param name="Low">Where the first step begins.</param>
/// <param name="High">Where the last ends.</param>
internal sealed record HeatScale(double Low, double High)
{
    /// <summary>How many colours there are.</summary>
    public const int Steps = 16;

    private const double Widest = 1e6;
    private const double Narrowest = 2;

    /// <summary>Class of an error that has no logarithm: 0.</summary>
    public const string Zero = "hz";

    /// <summary>Class of an error that is not finite.</summary>
    public const string Bad = "hx";

    /// <summary>The scale of some errors, or null where none is finite and above 0.</summary>
    public static HeatScale? Of(IEnumerable<double> errors)
    {
        var usable = errors.Where(error => double.IsFinite(error) && error > 0).ToList();
        if (usable.Count == 0)
            return null;
        var high = usable.Max();
        var low = Math.Max(usable.Min(), high / Widest);
        return high / low >= Narrowest ? new HeatScale(low, high) : new HeatScale(low / Math.Sqrt(Narrowest), high * Math.Sqrt(Narrowest));
    }

    /// <summary>Where an error is between 0 and 1.</summary>
    public double Place(double error) => Math.Clamp(Math.Log(error / Low) / Math.Log(High / Low), 0, 1);

    /// <summary>Class of an error's colour.</summary>
    public string Class(double error) => error switch
    {
        _ when !double.IsFinite(error) || error < 0 => Bad,
        0 => Zero,
        _ => StepClass(Math.Min(Steps - 1, (int)(Place(error) * Steps))),
    };

    /// <summary>Class of a step.</summary>
    public static string StepClass(int step) => "h" + step.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>The style sheet's declarations of the colours of the steps.</summary>
    /// <param name="anchors">Colours at equal distances, the first that of the smallest error: each red, green and blue.</param>
    public static string Declarations(IReadOnlyList<(int R, int G, int B)> anchors) => string.Concat(Enumerable.Range(0, Steps).Select(step =>
    {
        var at = step / (Steps - 1.0) * (anchors.Count - 1);
        var from = Math.Min((int)at, anchors.Count - 2);
        var (a, b, share) = (anchors[from], anchors[from + 1], at - from);
        return $"--{StepClass(step)}:#{Mix(a.R, b.R, share)}{Mix(a.G, b.G, share)}{Mix(a.B, b.B, share)};";
    }));

    private static string Mix(int from, int to, double share) => ((int)Math.Round(from + ((to - from) * share))).ToString("x2", CultureInfo.InvariantCulture);
}
