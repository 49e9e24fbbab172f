using System.Globalization;
using BiMamba.CommandLine.Console;
using BiMamba.Comparison.Cells;
using BiMamba.Comparison.Results;
using BiMamba.Comparison.RunFiles;
using BiMamba.Evaluation;
using BiMamba.Evaluation.StateAudit;
using BiMamba.Runtime;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Evaluating;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Comparisons;

/// <summary>Measures one cell: perplexity over all windows, the predictions of the reference beside it over the first.</summary>
internal sealed class CellMeasurement(CommandContext context, RunFile run, RowModels models, RuntimeOptions runtime) : IDisposable
{
    // The logits of the reference serve all rows of a text that have its tokens.
    private (RunCorpus Corpus, string? Tokenizer, LoadedModel Model, ReferenceLogits Logits)? reference;

    /// <summary>The result; null where the bag got an error.</summary>
    public CellResult? Run(RunCell cell, CellKey key)
    {
        using var loaded = models.Open(cell.Model);
        if (loaded is null || Plan(cell.Corpus, key, loaded) is not { } plan)
            return null;
        var result = Evaluator.Run(new ModelRunner(loaded.Module, runtime), plan, context.Diagnostics, Progress(cell, "perplexity"), context.Cancellation);
        if (result is null)
            return null;
        var (divergence, refusal) = cell.Model == run.ReferenceModel ? (null, null) : Compare(cell, loaded, plan);
        if (context.Diagnostics.HasErrors)
            return null;
        var speed = key.HasSpeed ? SpeedProbe.Run(loaded.Path, cell.Model.Method is null ? cell.Model.Tokenizer : null, run.Engine, runtime.Threads, context.Terminal, context.Cancellation) : null;
        return new CellResult(
            CellResult.Schema, key, RowModels.TrainingOf(loaded), RowModels.SizeOf(loaded), speed, plan.Corpus.TokenizerKind, plan.Corpus.TokenizerHash, plan.Corpus.TokensPerByte,
            [.. result.Windows.Select(window => new CellWindow(window.Sum, window.Tokens, [.. window.Positions.Select(position => position.Sum)], [.. window.Positions.Select(position => position.Tokens)]))],
            divergence, refusal);
    }

    private WindowPlan? Plan(RunCorpus corpus, CellKey key, LoadedModel model) => TextEvaluation.Plan(
        model,
        corpus.File,
        new EvaluateOptions
        {
            Protocol = Protocol.All.First(row => row.Name == corpus.Protocol),
            Join = JoinRule.All.First(row => row.Name == corpus.Join),
            Context = key.Context,
            MaxWindows = corpus.MaxWindows,
        },
        context.Diagnostics,
        context.Cancellation);

    /// <summary>Against the reference; a refusal where there is nothing to compare. Both null where the bag got an error.</summary>
    private (CellDivergence? Divergence, string? Refusal) Compare(RunCell cell, LoadedModel loaded, WindowPlan plan)
    {
        if (Reference(cell.Corpus, loaded, plan) is not { } known)
            return (null, null);
        if (ComparableModels.Refusal(known.Model.Module.VocabularyRows, known.Model.Tokenizer, loaded.Module.VocabularyRows, loaded.Tokenizer) is { } refusal)
            return (null, refusal);
        var runner = new ModelRunner(loaded.Module, runtime);
        if (new KlEvaluator(known.Logits).Run(runner, context.Diagnostics, Progress(cell, "against the reference"), context.Cancellation) is not { } kl)
            return (null, null);
        IReadOnlyList<BlockDifference> blocks = [];
        if (HasSameBlocks(known.Model.Module, loaded.Module))
        {
            if (new ModelComparison(new ModelRunner(known.Model.Module, runtime), runner, plan.Take(1)).Run(context.Diagnostics, null, context.Cancellation) is not { } comparison)
                return (null, null);
            blocks = [.. comparison.Blocks.Select(block => new BlockDifference(block.Block, block.RelativeError))];
        }

        return (new CellDivergence(kl.WindowKl.Count, kl.Mean, kl.StandardError, kl.TopAgreement, blocks), null);
    }

    /// <summary>The reference with its logits over the first windows of a text, kept for the next row; null where the bag got an error.</summary>
    private (LoadedModel Model, ReferenceLogits Logits)? Reference(RunCorpus corpus, LoadedModel other, WindowPlan plan)
    {
        if (reference is { } known && known.Corpus == corpus && known.Tokenizer == other.Tokenizer?.Hash)
            return (known.Model, known.Logits);
        Dispose();
        if (models.Open(run.ReferenceModel) is not { } model)
            return null;
        reference = (corpus, other.Tokenizer?.Hash, model, new ReferenceLogits(new ModelRunner(model.Module, runtime), plan.Take(run.KlWindows)));
        return (reference.Value.Model, reference.Value.Logits);
    }

    private static bool HasSameBlocks(IR.Module left, IR.Module right) =>
        left.Blocks.Select(block => (block.Name, block.ReturnType)).SequenceEqual(right.Blocks.Select(block => (block.Name, block.ReturnType)));

    private DirectProgress<EvaluationProgress> Progress(RunCell cell, string what)
    {
        var line = new ProgressLine(context.Terminal, $"{cell.Model.Name} on {cell.Corpus.Name}, {what}");
        return new DirectProgress<EvaluationProgress>(p => line.Report(p.Windows, p.Total, string.Create(CultureInfo.InvariantCulture, $"perplexity {p.Perplexity:0.0000}")));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reference?.Model.Dispose();
        reference = null;
    }
}
