using System.CommandLine;
using BiMamba.CommandLine.Reports;
using BiMamba.CommandLine.Sensitivities;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>The options by which a size is the target of a conversion: the bits of every part follow from what they cost.</summary>
internal sealed class TargetSizeFlags
{
    // What is measured is what no other weights make up for, so that the rules are those of the parts alone.
    private const string Measured = "rtn";

    private readonly Option<double?> target = TargetSize.Option("With --method rtn or gptq: choose the bits of every part so that the projections take at most X bits a weight on average.");
    private readonly Option<string?> file = CommonOptions.InputFile(new Option<string?>("--sensitivity") { Description = "With --target-bpw: what sensitivity --json wrote, instead of measuring on the text of --calibration or --validate.", HelpName = "FILE" });

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(target);
        command.Add(file);
    }

    /// <summary>The file of --sensitivity, or null.</summary>
    public string? File(CommandContext context) => context.Get(file);

    /// <summary>True where the options fit the rest of the command line; otherwise an error.</summary>
    /// <param name="context">The command.</param>
    /// <param name="method">The name of --method, or null.</param>
    /// <param name="text">A text to measure on, or null.</param>
    public bool Check(CommandContext context, string? method, string? text)
    {
        if (context.Get(target) is null && File(context) is not null)
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--sensitivity goes with --target-bpw", Place.None);
        else if (context.Get(target) is not null && method is not (Measured or "gptq"))
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--target-bpw goes with --method rtn or gptq, which have a choice of bits", Place.None);
        else if (context.Get(target) is not null && text is null && File(context) is null)
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "--target-bpw measures what precisions cost, and there is no text to measure on", Place.None, "name one with --calibration or --validate, or give what sensitivity --json wrote with --sensitivity");
        return !context.Diagnostics.HasErrors;
    }

    /// <summary>The stages with the chosen bits as rules of the first, or as they are without --target-bpw; null where the bag got an error.</summary>
    public PassPipeline? Apply(CommandContext context, LoadedModel model, PassPipeline stages, string? text)
    {
        if (context.Get(target) is not { } size)
            return stages;
        if (HasChoice(context, stages.Stages[0].Options) || Parts(context, model, text) is not { } parts || SensitivityAllocation.Solve(parts, size, context.Diagnostics) is not { } allocation)
            return null;
        if (!context.Terminal.IsQuiet)
            SensitivityReport.Write(context.Terminal.WriteLine, allocation);
        return new PassPipeline(stages.Stages.SetItem(0, LowBitMethod.WithRules(stages.Stages[0], allocation.Rules)));
    }

    /// <summary>True, with an error, where the command line chooses precisions of parts itself.</summary>
    private static bool HasChoice(CommandContext context, PassOptions options)
    {
        if (options.List(LinearTargets.Keep).Count == 0 && options.List(LinearTargets.Rules).Count == 0)
            return false;
        context.Diagnostics.Add(CommandDiagnostics.Conflict, "--target-bpw chooses the bits of every part: it does not go with --keep or --rule", Place.None, "convert with the rules that it prints, changed");
        return true;
    }

    private IReadOnlyList<SensitivityPartJson>? Parts(CommandContext context, LoadedModel model, string? text)
    {
        if (!SensitivityMeasurement.CheckModel(model, context.Diagnostics))
            return null;
        if (File(context) is { } path)
            return SensitivityFile.Read(path, model, context.Diagnostics);
        if (LowBitMethod.Parse(Measured, context.Diagnostics) is not { } method || CorpusReader.Read(text!, model.Tokenizer, model.Module.VocabularyRows, context.Diagnostics, context.Cancellation) is not { } corpus)
            return null;
        // A short text is one shorter window.
        var length = Math.Clamp(corpus.Ids.Length, 2, SensitivityMeasurement.DefaultContext);
        return WindowPlan.Create(corpus, length, SensitivityMeasurement.DefaultWindows, context.Diagnostics) is { } plan
            ? SensitivityMeasurement.Run(context, model, method, SensitivityMeasurement.DefaultBits, plan, null)?.Parts
            : null;
    }
}
