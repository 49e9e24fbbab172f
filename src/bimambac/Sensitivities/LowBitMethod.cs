using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Passes;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;
using BiMamba.Text;

namespace BiMamba.CommandLine.Sensitivities;

/// <summary>A stage of a low-bit pass, which can be given to one part of a model alone.</summary>
internal sealed record LowBitMethod(Stage Stage)
{
    /// <summary>What follows every low-bit stage: parts are measured and stored in their packed form.</summary>
    private const string Rest = "pack";

    /// <summary>True where the pass codes weights in a number of bits that can be chosen.</summary>
    public bool HasBits => BitsOption is not null;

    /// <summary>True where the pass looks at activations.</summary>
    public bool IsCalibrated => Stage.Pass is CalibratedPass;

    private PassOption? BitsOption => Stage.Pass.Info.Options.FirstOrDefault(option => option.Name == GridOptions.Bits);

    /// <summary>The method of a text such as <c>rtn</c> or <c>gptq{group=128}</c>; null with an error where it is none.</summary>
    public static LowBitMethod? Parse(string text, DiagnosticBag diagnostics)
    {
        if (PassTable.Parse(new SourceText("--method", text), diagnostics) is not { } pipeline)
            return null;
        if (pipeline.Stages is [var stage] && IsLowBit(stage.Pass))
            return new LowBitMethod(stage);
        diagnostics.Add(CommandDiagnostics.Usage, $"--method: expected one low-bit pass, found '{text}'", Place.None, $"the low-bit passes are {string.Join(", ", PassTable.All.Where(IsLowBit).Select(pass => pass.Info.Name))}");
        return null;
    }

    /// <summary>Why the pass does not take a number of bits, or null where it does.</summary>
    public string? RejectBits(int bits) => BitsOption?.Reject(new OptionValue.Int(bits));

    /// <summary>The stages that give a number of bits to one part alone.</summary>
    /// <param name="part">The part, as a pattern.</param>
    /// <param name="bits">The bits, or null for what the stage says.</param>
    public PassPipeline Of(string part, int? bits)
    {
        var changes = new Dictionary<string, OptionValue>(StringComparer.Ordinal) { [LinearTargets.Tensors] = Texts(part) };
        if (bits is { } number)
            changes[GridOptions.Bits] = new OptionValue.Int(number);
        return new PassPipeline([Stage with { Options = Stage.Options.With(changes) }, .. PackStages()]);
    }

    /// <summary>A stage with a list of rules.</summary>
    public static Stage WithRules(Stage stage, IEnumerable<string> rules) => stage with { Options = stage.Options.With(new Dictionary<string, OptionValue>(StringComparer.Ordinal) { [LinearTargets.Rules] = Texts([.. rules]) }) };

    private static bool IsLowBit(Pass pass) => pass is WeightOnlyPass or CalibratedPass;

    private static ImmutableArray<Stage> PackStages() =>
        PassTable.Parse(new SourceText("pipeline", Rest), new DiagnosticBag())?.Stages ?? throw new InvalidOperationException($"there is no pass '{Rest}'");

    private static OptionValue.List Texts(params ReadOnlySpan<string> texts) => new([.. texts.ToArray().Select(text => new OptionValue.Text(text))]);
}
