using System.Globalization;
using System.Text;
using BiMamba.IR;
using BiMamba.Pipeline.Instruments;
using BiMamba.Text;

namespace BiMamba.Bisection;

/// <summary>The IR text of a reproducer: lines that say what to do with it and what it shows, and the module.</summary>
public static class ReproducerText
{
    /// <summary>Key of the line with the token ids.</summary>
    public const string IdsKey = "ids";

    /// <summary>Key of the line with the tolerance that the stage leaves.</summary>
    public const string ToleranceKey = "tolerance";

    /// <summary>The text of the reproducer of a result; null where it has none.</summary>
    public static string? Print(BisectionResult result)
    {
        if (result.Culprit is not { Reproducer: { } reproducer } culprit)
            return null;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"; {Reproducer.Remaining}: {result.Stages[culprit.Stage].Stage}\n");
        text.Append(CultureInfo.InvariantCulture, $"; {IdsKey}: {string.Join(',', reproducer.Ids)}\n");
        text.Append(CultureInfo.InvariantCulture, $"; {ToleranceKey}: {TextEscapes.Float(reproducer.Tolerance)}\n");
        text.Append(CultureInfo.InvariantCulture, $"; cut-from: {reproducer.Scope}{(reproducer.IsSliced ? "" : "; only whole tensors show the difference")}\n");
        if (culprit.Tensor is { } tensor)
        {
            text.Append(CultureInfo.InvariantCulture, $"; value: %{TextEscapes.Name(tensor.Value)} of @{TextEscapes.Name(culprit.Block!.Name)}\n");
            text.Append(tensor.Difference is { } difference
                ? string.Create(CultureInfo.InvariantCulture, $"; whole-model: expected {difference.Expected:R} at token {difference.Token}, feature {difference.Feature}, found {difference.Found:R}\n")
                : $"; whole-model: expected {tensor.TypeBefore}, found {tensor.TypeAfter}\n");
        }

        text.Append(double.IsFinite(reproducer.Difference)
            ? string.Create(CultureInfo.InvariantCulture, $"; here: largest difference of a logit {reproducer.Difference:0.000e+0}\n")
            : "; here: the verifier refuses the result\n");
        return text.Append(IrPrinter.Print(reproducer.Module)).ToString();
    }
}
