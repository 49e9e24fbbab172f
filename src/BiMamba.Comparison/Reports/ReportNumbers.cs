using System.Globalization;

namespace BiMamba.Comparison.Reports;

/// <summary>How numbers of a report are written: the same in every form of it, in the invariant culture.</summary>
internal static class ReportNumbers
{
    /// <summary>What stands where there is no value.</summary>
    public const string Missing = "-";

    private const double SmallestFixed = 1e-4;
    private const double LargestFixed = 1e6;

    /// <summary>A number with fixed decimals; <c>inf</c>, <c>-inf</c> and <c>nan</c> where it has none, an exponent where it is too large for them or they would hide it.</summary>
    /// <param name="value">The number.</param>
    /// <param name="decimals">Digits behind the point.</param>
    public static string Fixed(double value, int decimals) => value switch
    {
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        _ when double.IsNaN(value) => "nan",
        _ when value != 0 && Math.Abs(value) is < SmallestFixed or >= LargestFixed => value.ToString("0.##e+0", CultureInfo.InvariantCulture),
        _ => value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
    };

    /// <summary>The same, <c>-</c> for null.</summary>
    public static string Fixed(double? value, int decimals) => value is { } number ? Fixed(number, decimals) : Missing;

    /// <summary>A difference with its sign; what is nearer to 0 than half of the last digit is written as 0 without one.</summary>
    public static string Signed(double value, int decimals)
    {
        var text = double.IsFinite(value) && Math.Abs(value) < LargestFixed ? value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : Fixed(value, decimals);
        if (text.AsSpan().TrimStart("-0.").IsEmpty)
            return text.TrimStart('-');
        return value > 0 ? "+" + text : text;
    }

    /// <summary>A whole number without groups.</summary>
    public static string Count(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A whole number in groups of three digits with narrow no-break spaces between them.</summary>
    public static string Grouped(long value) => value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202f');

    /// <summary>Bytes in MB (10^6) with three significant digits.</summary>
    public static string Megabytes(long bytes) => Significant(bytes / 1e6) + " MB";

    /// <summary>A number with three significant digits, without zeros at its end and without an exponent where it is of a usual size.</summary>
    public static string Significant(double value)
    {
        if (!double.IsFinite(value) || value == 0)
            return Fixed(value, 0);
        var digits = 2 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return digits switch
        {
            > 7 => value.ToString("0.##e+0", CultureInfo.InvariantCulture),
            > 0 => value.ToString("0." + new string('#', digits), CultureInfo.InvariantCulture),
            _ => Fixed(value, 0),
        };
    }
}
