using System.Globalization;
using BiMamba.Comparison;
using BiMamba.Comparison.Cells;
using BiMamba.Comparison.Results;
using BiMamba.Comparison.RunFiles;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Runtime;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Comparisons;

/// <summary>A comparison: measures the cells that have no result yet, and makes the report of all.</summary>
internal sealed class CompareRun(CommandContext context, RunFile run, string work, int threads)
{
    private readonly CellStore store = new(work);

    /// <summary>Measures all cells, or one; false where the bag got an error.</summary>
    /// <param name="only">Number of the cell, or null for all.</param>
    public bool Measure(int? only)
    {
        var models = new RowModels(context, store, threads);
        using var measurement = new CellMeasurement(context, run, models, new RuntimeOptions(threads, Engine: RuntimeWords.Engine(run.Engine)));
        for (var i = only ?? 0; i < (only + 1 ?? run.Cells.Count); i++)
        {
            var cell = run.Cells[i];
            if (Key(models, cell) is not { } key)
                return false;
            if (store.Read(key, context.Diagnostics) is not null)
            {
                Say(i, "is measured already");
                continue;
            }

            Say(i, "begins");
            if (measurement.Run(cell, key) is not { } result || !store.Write(result, context.Diagnostics))
                return false;
        }

        return true;
    }

    /// <summary>The report of all cells; null with an error where some have no result.</summary>
    public ComparisonReport? Report()
    {
        var models = new RowModels(context, store, threads);
        var (results, missing) = (new List<CellResult>(), new List<int>());
        for (var i = 0; i < run.Cells.Count; i++)
        {
            if (Key(models, run.Cells[i]) is not { } key)
                return null;
            if (store.Read(key, context.Diagnostics) is { } result)
                results.Add(result);
            else
                missing.Add(i);
        }

        if (missing.Count == 0)
            return ReportBuilder.Build(run, results, $"bimambac {ToolVersion.Text}");
        var shown = string.Join(", ", missing.Take(20).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i} ({run.Cells[i].Model.Name} on {run.Cells[i].Corpus.Name})")));
        context.Diagnostics.Add(ComparisonDiagnostics.MissingCells, $"{missing.Count} of {run.Cells.Count} cells have no result: {shown}", Place.OfFile(work), "run them with --cell, or all that are missing without --merge");
        return null;
    }

    private CellKey? Key(RowModels models, RunCell cell)
    {
        if (models.KeyOf(cell.Model) is not { } model || models.KeyOf(run.ReferenceModel) is not { } reference || models.HashOf(cell.Corpus.File) is not { } corpus)
            return null;
        var protocol = Protocol.All.First(row => row.Name == cell.Corpus.Protocol);
        return new CellKey(
            $"bimambac {ToolVersion.Text}", model, cell.Model == run.ReferenceModel ? null : reference, corpus, protocol.Name, cell.Corpus.Context ?? protocol.DefaultContext, cell.Corpus.MaxWindows, cell.Corpus.Join,
            run.Engine, run.KlWindows, run.Speed);
    }

    private void Say(int index, string what)
    {
        if (!context.Terminal.IsQuiet)
            context.Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cell {index} of 0 to {run.Cells.Count - 1}, {run.Cells[index].Model.Name} on {run.Cells[index].Corpus.Name}: {what}"));
    }
}
