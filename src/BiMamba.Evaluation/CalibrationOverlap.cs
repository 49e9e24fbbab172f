using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation;

/// <summary>
/// Compares a text to evaluate with the calibration of a model: a model that was fitted to a text is too good on it, so that
/// its perplexity says little of other texts.
/// </summary>
public static class CalibrationOverlap
{
    /// <summary>
    /// A warning names larger shares. Of parts of one collection of texts, such as the validation and the test text of
    /// WikiText-2, the one has up to 0.4 % of the other's 13-grams by its set phrases; of different books it is 0.001 %.
    /// </summary>
    public const double WarningShare = 0.005;

    /// <summary>
    /// The estimated share of the n-grams of the planned windows that the calibration has, with a warning where it is
    /// above <see cref="WarningShare"/> beyond the chance of the sample, or where both texts are one; null where it is not known.
    /// </summary>
    /// <param name="sha256">Hexadecimal SHA-256 of the calibration text.</param>
    /// <param name="sketch">The calibration's n-grams, or null where they are not known.</param>
    /// <param name="plan">What is evaluated.</param>
    /// <param name="diagnostics">Receives the warning.</param>
    public static NgramOverlap? Check(string sha256, NgramSketch? sketch, WindowPlan plan, DiagnosticBag diagnostics)
    {
        var overlap = sketch?.Overlap(plan.Ids);
        var parts = new List<string>();
        if (sha256.Equals(plan.Corpus.Sha256, StringComparison.OrdinalIgnoreCase))
            parts.Add("this is the text that the model was calibrated on, by its SHA-256");
        if (overlap?.IsAbove(WarningShare) == true)
        {
            parts.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"about {100 * overlap.Share:0.0} % of the distinct sequences of {overlap.Length} tokens to evaluate are in the calibration windows of the model: {overlap.Matching} of {overlap.Sampled} sampled by their hashes"));
        }

        if (parts.Count > 0)
            diagnostics.Add(RuntimeDiagnostics.CalibrationOverlap, string.Join("; ", parts), Place.OfFile(plan.Corpus.Path), "evaluate another text: on this one the model is better than elsewhere");
        return overlap;
    }
}
