using BiMamba.Evaluation;
using BiMamba.Runtime;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Reports;

/// <summary>A precision of a part: its bytes as stored, and what it costs; bits are null where the method has no choice of them.</summary>
internal sealed record SensitivityChoiceJson(
    int? Bits, long StoredBytes, double BitsPerWeight, long SavedBytes, double Kl, double? KlStandardError, double Perplexity, double PerplexityRatio, double TopAgreement, IReadOnlyList<double> WindowKl);

/// <summary>A part: its name as a pattern of pipeline text, its weights, their bytes in full precision, and its precisions.</summary>
internal sealed record SensitivityPartJson(string Part, long Weights, long Bytes, IReadOnlyList<SensitivityChoiceJson> Choices);

/// <summary>The precision that was chosen for a part.</summary>
internal sealed record ChosenBitsJson(string Part, int? Bits);

/// <summary>A precision for every part: the average bits a weight that was wanted and that it has, the sum of the divergences, and the rules that give it.</summary>
internal sealed record AllocationJson(double TargetBitsPerWeight, double BitsPerWeight, double Kl, IReadOnlyList<ChosenBitsJson> Chosen, IReadOnlyList<string> Rules);

/// <summary>The result of sensitivity; the method is a stage of pipeline text, and parts stand in the order of the model.</summary>
internal sealed record SensitivityJson(
    int SchemaVersion, string Model, string Method, CalibrationJson? Calibration, PerplexityJson Reference, IReadOnlyList<SensitivityPartJson> Parts, AllocationJson? Allocation)
{
    /// <summary>The schema that is written and read.</summary>
    public const int Schema = 1;

    /// <summary>The result of a measurement.</summary>
    public static SensitivityJson Of(string model, string method, CalibrationJson? calibration, IReadOnlyList<SensitivityResult> results, RuntimeOptions runtime) => new(
        Schema, model, method, calibration, PerplexityJson.Of(model, results[0].Kl.Reference, runtime, null),
        [.. results.GroupBy(result => result.Candidate.Part).Select(part => new SensitivityPartJson(part.Key.Name, part.Key.Weights, part.Key.Bytes, [.. part.Select(Choice)]))],
        null);

    private static SensitivityChoiceJson Choice(SensitivityResult result) => new(
        result.Candidate.Bits, result.StoredBytes, result.BitsPerWeight, result.SavedBytes, result.Kl.Mean, result.Kl.StandardError,
        result.Kl.Other.Value, result.Kl.PerplexityRatio, result.Kl.TopAgreement, result.Kl.WindowKl);
}
