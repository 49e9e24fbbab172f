using BiMamba.Diagnostics;
using BiMamba.Evaluation;
using BiMamba.Runtime;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.Toolchain.Evaluating;

/// <summary>Evaluates a model on a text.</summary>
internal static class TextEvaluation
{
    /// <summary>The windows of a text for a model; null where the bag got an error.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">A text, documents (.jsonl), or token ids (.npy, .bin, .ids, .json).</param>
    /// <param name="options">How.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static WindowPlan? Plan(LoadedModel model, string path, EvaluateOptions options, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var (protocol, rows) = (options.Protocol, model.Module.VocabularyRows);
        var reading = new CorpusOptions(protocol.IsByDocument, options.PrefixToken) { Join = options.Join };
        if (CorpusReader.Read(path, model.Tokenizer, rows, reading, diagnostics, cancellation) is not { } corpus)
            return null;
        if (options.PrefixToken is { } prefix && !CorpusReader.CheckIds([prefix], rows, "--prefix-token", diagnostics))
            return null;
        return WindowPlanner.Create(protocol, corpus, options.Context ?? protocol.DefaultContext, options.MaxWindows ?? options.Join.MaxWindows, diagnostics);
    }

    /// <summary>The perplexity over windows; null where the logits are not numbers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">The windows.</param>
    /// <param name="options">How.</param>
    /// <param name="diagnostics">Receives the error, and a warning where the model was calibrated on the text.</param>
    /// <param name="progress">Is told after every batch, or null.</param>
    /// <param name="cancellation">Stops the run.</param>
    public static EvaluateResult? Run(
        LoadedModel model, WindowPlan plan, EvaluateOptions options, DiagnosticBag diagnostics, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var overlap = RecipeCalibration.Compare(RecipeCalibration.Of(model, diagnostics), plan, diagnostics);
        return Evaluator.Run(new ModelRunner(model.Module, options.Runtime), plan, diagnostics, progress, cancellation, options.Batch) is { } found
            ? new EvaluateResult(found, overlap)
            : null;
    }
}
