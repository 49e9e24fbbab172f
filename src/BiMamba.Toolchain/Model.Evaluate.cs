using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Toolchain.Evaluating;

namespace BiMamba.Toolchain;

/// <content>Evaluation.</content>
public sealed partial class Model
{
    /// <summary>Measures perplexity and bits a byte on a text. It keeps the caller's thread until it is done.</summary>
    /// <param name="text">A text, documents (.jsonl), or token ids (.npy, .bin, .ids, .json).</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Is told after every batch of windows, or null.</param>
    /// <param name="cancellation">Stops the run between chunks of tokens.</param>
    /// <exception cref="ModelException">The text cannot be read or is too short, the model has no tokenizer, or logits are not numbers.</exception>
    public EvaluateResult Evaluate(string text, EvaluateOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default) =>
        Operation.Require(diagnostics => TryEvaluate(text, options, diagnostics, progress, cancellation));

    /// <summary>Measures perplexity and bits a byte on a text; null where that cannot be done.</summary>
    /// <inheritdoc cref="Evaluate" path="/param"/>
    /// <param name="diagnostics">Receives errors, warnings and notes.</param>
    public EvaluateResult? TryEvaluate(
        string text, EvaluateOptions? options, DiagnosticBag diagnostics, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var use = lease.Take();
        options ??= new EvaluateOptions();
        return Operation.Try(Logger, diagnostics, found =>
        {
            if (options.Protocol.NeedsReference)
                found.Add(CommandDiagnostics.Conflict, $"--protocol {options.Protocol.Name} compares with a second model", Place.None, "choose another protocol, or use bimambac eval --reference");
            else if (TextEvaluation.Plan(loaded, text, options, found, cancellation) is { } plan)
                return TextEvaluation.Run(loaded, plan, options, found, progress, cancellation);
            return null;
        });
    }
}
