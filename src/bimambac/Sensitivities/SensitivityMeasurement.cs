using System.Globalization;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.IR;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Conversion;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Sensitivities;

/// <summary>Measures what low precisions of the parts of a model cost, for the commands that choose some.</summary>
internal static class SensitivityMeasurement
{
    /// <summary>Tokens of a window where nothing is said: the logits of <see cref="DefaultWindows"/> windows of a usual vocabulary fit the memory that is kept for them.</summary>
    public const int DefaultContext = 1024;

    /// <summary>Windows where nothing is said.</summary>
    public const int DefaultWindows = 4;

    /// <summary>Bits of codes where nothing is said.</summary>
    public static IReadOnlyList<int> DefaultBits => [2, 3, 4, 8];

    /// <summary>True where a model has parts in full precision; otherwise an error.</summary>
    public static bool CheckModel(LoadedModel model, DiagnosticBag diagnostics)
    {
        if (model.Module.Level != Level.Float)
            diagnostics.Add(CommandDiagnostics.WrongModel, $"expected a model in full precision, found one at level {model.Module.Level.Name()}", Place.OfFile(model.Path));
        else if (LinearParts.Of(model.Module).IsEmpty)
            diagnostics.Add(CommandDiagnostics.WrongModel, "expected dense linears in_proj or out_proj, found none", Place.OfFile(model.Path));
        return !diagnostics.HasErrors;
    }

    /// <summary>The measurement; null where the context's bag got an error.</summary>
    /// <param name="context">The command.</param>
    /// <param name="model">A model with parts in full precision.</param>
    /// <param name="method">The low-bit pass.</param>
    /// <param name="bits">The bits of every part; none where the pass has no choice of them.</param>
    /// <param name="plan">The windows.</param>
    /// <param name="calibration">Data for the pass, or null.</param>
    public static SensitivityJson? Run(CommandContext context, LoadedModel model, LowBitMethod method, IReadOnlyList<int> bits, WindowPlan plan, CalibrationData? calibration)
    {
        var runtime = context.Common.ReferenceRuntime(context.Result);
        var line = new ProgressLine(context.Terminal, "sensitivity");
        var progress = new DirectProgress<SensitivityProgress>(p => line.Report(p.Windows, p.Total, Detail(p.Candidate)));
        var results = new Sensitivity(model.Module, plan, runtime)
            .Run(Candidates(model.Module, method, bits), calibration?.Calibration, context.Diagnostics, progress, context.Cancellation);
        // The sketch of the calibration is for models that are evaluated later: here there is none.
        var recipe = calibration is null ? null : calibration.Recipe with { Ngrams = null };
        return results is null ? null : SensitivityJson.Of(model.Path, method.Stage.ToString(), recipe, results, runtime);
    }

    private static List<SensitivityCandidate> Candidates(Module module, LowBitMethod method, IReadOnlyList<int> bits) =>
    [
        .. from part in LinearParts.Of(module)
           let row = new SensitivityPart(part.Name, part.Weights, part.Bytes)
           from number in method.HasBits ? bits.Order().Distinct().Select(number => (int?)number) : [null]
           select new SensitivityCandidate(row, number, method.Of(part.Name, number)),
    ];

    private static string Detail(SensitivityCandidate candidate) =>
        candidate.Part.Name + (candidate.Bits is { } bits ? string.Create(CultureInfo.InvariantCulture, $" in {bits} bits") : "");
}
