using System.CommandLine;
using System.Globalization;

namespace BiMamba.CommandLine.Sensitivities;

/// <summary>The option by which a size is the target.</summary>
internal static class TargetSize
{
    private const double Most = 32;

    /// <summary>--target-bpw.</summary>
    public static Option<double?> Option(string description)
    {
        var option = CommonOptions.Parsed<double?>("--target-bpw", description, "a number above 0 up to 32, such as 3.5", Parse);
        option.HelpName = "X";
        return option;
    }

    private static double? Parse(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= Most ? value : null;
}
