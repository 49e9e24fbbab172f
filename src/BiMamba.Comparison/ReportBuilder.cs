using System.Globalization;
using BiMamba.Comparison.Cells;
using BiMamba.Comparison.Results;
using BiMamba.Comparison.RunFiles;
using BiMamba.Comparison.Statistics;

namespace BiMamba.Comparison;

/// <summary>Makes a report of the results of all cells.</summary>
public static class ReportBuilder
{
    /// <summary>The report.</summary>
    /// <param name="run">What was compared.</param>
    /// <param name="results">A result for every cell, in the order of <see cref="RunFile.Cells"/>.</param>
    /// <param name="tool">Name and version of the tool.</param>
    public static ComparisonReport Build(RunFile run, IReadOnlyList<CellResult> results, string tool)
    {
        var cells = run.Cells.Zip(results).ToList();
        var rows = run.Models.Select(model => Row(run, model, [.. cells.Where(cell => cell.First.Model == model)], cells)).ToList();
        var corpora = run.Corpora.Select(corpus => Corpus(corpus, cells.First(cell => cell.First.Corpus == corpus).Second.Key)).ToList();
        return new ComparisonReport(ComparisonReport.Schema, tool, run.Title, run.ReferenceModel.Name, rows, corpora, Notes(run, rows));
    }

    private static ComparisonCorpus Corpus(RunCorpus corpus, CellKey key) => new(corpus.Name, Path.GetFileName(corpus.File), key.Corpus, key.Protocol, key.Context);

    private static ComparisonRow Row(RunFile run, RunModel model, IReadOnlyList<(RunCell Cell, CellResult Result)> own, IReadOnlyList<(RunCell Cell, CellResult Result)> all)
    {
        var first = own[0].Result;
        var results = own.Select(pair => Result(run, pair.Cell, pair.Result, all.First(other => other.Cell.Corpus == pair.Cell.Corpus && other.Cell.Model == run.ReferenceModel).Result)).ToList();
        return new ComparisonRow(model.Name, Path.GetFileName(Path.TrimEndingDirectorySeparator(model.Model)), model.Method, model.Training ?? first.Training, first.Size, first.Speed, results);
    }

    private static CorpusResult Result(RunFile run, RunCell cell, CellResult result, CellResult reference)
    {
        var tokens = result.Windows.Sum(window => (long)window.Tokens);
        var nll = result.Windows.Sum(window => window.Sum) / tokens;
        var bits = result.TokensPerByte is { } ratio ? nll / Math.Log(2) * ratio : (double?)null;
        var versus = cell.Model == run.ReferenceModel ? null : Versus(result, reference, run.Seed);
        return new CorpusResult(
            cell.Corpus.Name, result.Windows.Count, tokens, result.Tokenizer, result.TokenizerSha256, result.Key.Engine, nll, Math.Exp(nll), bits, versus, Positions(result));
    }

    private static VersusReference Versus(CellResult result, CellResult reference, int seed)
    {
        if (result.Refusal is not null || result.Divergence is null || result.Windows.Count != reference.Windows.Count)
            return new VersusReference(result.Refusal ?? "the windows are not the reference's", null, null, null, null, null, []);
        double[] differences = [.. result.Windows.Zip(reference.Windows, (ours, theirs) => (ours.Sum - theirs.Sum) / ours.Tokens)];
        var interval = BlockBootstrap.Interval(differences, [.. result.Windows.Select(window => window.Tokens)], seed);
        var scale = result.TokensPerByte / Math.Log(2);
        var divergence = result.Divergence;
        return new VersusReference(
            null, divergence.Kl, divergence.KlStandardError, divergence.TopAgreement, interval,
            interval is null || scale is not { } factor ? null : new Interval(interval.Estimate * factor, interval.Low * factor, interval.High * factor), divergence.Blocks);
    }

    private static List<PositionMean> Positions(CellResult result)
    {
        var means = new List<PositionMean>();
        for (var k = 0; k < result.Windows.Max(window => window.PositionSums.Count); k++)
        {
            var windows = result.Windows.Where(window => k < window.PositionSums.Count).ToList();
            var tokens = windows.Sum(window => (long)window.PositionTokens[k]);
            if (tokens > 0)
                means.Add(new PositionMean(1 << k, 1 << (k + 1), windows.Sum(window => window.PositionSums[k]) / tokens));
        }

        return means;
    }

    private static List<string> Notes(RunFile run, IReadOnlyList<ComparisonRow> rows)
    {
        var notes = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"KL divergence, top token and blocks are over the first {run.KlWindows} windows of a text at most; perplexity and bits per byte over all."),
            string.Create(CultureInfo.InvariantCulture, $"Intervals hold 95 % of {BlockBootstrap.Samples} paired block-bootstrap samples over windows, seed {run.Seed}."),
        };
        if (rows.SelectMany(row => row.Results).Any(result => result.Versus?.Refusal is not null))
            notes.Add("Perplexities of different tokenizers count different tokens and have no difference; bits per byte of the same text are comparable.");
        return notes;
    }
}
