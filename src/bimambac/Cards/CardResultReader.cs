using System.Globalization;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Cards;

/// <summary>Reads what eval, tasks, compare and bench write with --json; each is known by its own fields.</summary>
internal static class CardResultReader
{
    private const long MaxBytes = 64 << 20;

    /// <summary>The results of a file, for a comparison one for each of its texts; null with an error where it is no result, or contradicts the model.</summary>
    public static IReadOnlyList<CardResult>? Read(string path, CardModel model, DiagnosticBag diagnostics)
    {
        using var map = FileMap.Open(path, diagnostics);
        if (map is null)
            return null;
        var results = Parse(map, model, out var reason);
        if (results is null)
        {
            diagnostics.Add(CommandDiagnostics.CardResult, $"expected what eval, tasks, compare or bench write with --json: {reason}", Place.OfFile(path));
            return null;
        }

        return results.All(result => Check(result, path, model, diagnostics)) ? results : null;
    }

    private static IReadOnlyList<CardResult>? Parse(FileMap map, CardModel model, out string reason)
    {
        if (map.Length > MaxBytes)
        {
            reason = string.Create(CultureInfo.InvariantCulture, $"found {map.Length} bytes, more than {MaxBytes}");
            return null;
        }

        try
        {
            var fields = CardFields.Of(ForeignJson.Parse(map.Copy(0, (int)map.Length)));
            var results = Recognize(fields, Path.GetFileName(map.Path), model);
            reason = fields.Problem ?? "";
            return reason.Length == 0 ? results : null;
        }
        catch (JsonException e)
        {
            reason = e.Message;
            return null;
        }
    }

    private static IReadOnlyList<CardResult> Recognize(CardFields fields, string file, CardModel model)
    {
        if (fields.Problem is null && fields.Whole("schemaVersion") is var schema and not 1 && fields.Problem is null)
            fields.Add("schemaVersion", string.Create(CultureInfo.InvariantCulture, $"expected 1, found {schema}"));
        if (fields.Problem is not null)
            return [];
        if (fields.Has("perplexity") && fields.Has("corpusSha256"))
            return [Perplexity(fields, file)];
        if (fields.Has("rows") && fields.Has("corpora"))
            return [.. Comparisons(fields, file, model)];
        if (fields.Has("tasks"))
            return [Tasks(fields, file)];
        if (fields.Has("bytes") && fields.Has("threads"))
            return [Bench(fields, file)];
        fields.Add("schemaVersion", "no perplexity, rows, tasks or bytes stand beside it");
        return [];
    }

    private static CardPerplexity Perplexity(CardFields fields, string file) => new(
        file, Name(fields.Text("model")),
        new CardCorpus(
            fields.Text("corpus"), fields.Hash("corpusSha256"), fields.Text("protocol"), fields.Whole("context"), fields.Whole("windows"), fields.Whole("tokens"),
            fields.Text("tokenizer"), fields.HashOrNull("tokenizerSha256"), fields.Text("engine"), fields.Text("state")),
        fields.Number("perplexity"), fields.Number("nll"), fields.NumberOrNull("bitsPerByte"), fields.NumberOrNull("calibrationOverlap"));

    private static IEnumerable<CardComparison> Comparisons(CardFields fields, string file, CardModel model)
    {
        var corpora = fields.List("corpora").Select(corpus => (Name: corpus.Text("name"), Corpus: corpus)).ToList();
        // A cell of a pipeline is this file where the recipe has the same pipeline; one without is known by its name and size.
        var rows = fields.List("rows").Where(row => row.TextOrNull("method") is { } method
            ? method == model.Recipe.Pipeline
            : row.Text("model") == model.File && row.Object("size").Whole("fileBytes") == model.Ledger.FileBytes).ToList();
        if (rows is not [var found])
        {
            fields.Add("rows", string.Create(CultureInfo.InvariantCulture, $"expected one row of {model.File} with {model.Ledger.FileBytes} bytes, or of its pipeline, found {rows.Count}"));
            yield break;
        }

        foreach (var result in found.List("results"))
        {
            var name = result.Text("corpus");
            if (corpora.FirstOrDefault(corpus => corpus.Name == name).Corpus is not { } corpus)
            {
                result.Add("corpus", $"there is no corpus '{name}'");
                yield break;
            }

            yield return Comparison(result, corpus, file, found.Text("name"), fields.Text("reference"));
        }
    }

    private static CardComparison Comparison(CardFields result, CardFields corpus, string file, string row, string reference) => new(
        file, row, reference,
        new CardCorpus(
            corpus.Text("file"), corpus.Hash("sha256"), corpus.Text("protocol"), corpus.Whole("context"), result.Whole("windows"), result.Whole("tokens"),
            result.Text("tokenizer"), result.HashOrNull("tokenizerSha256"), result.Text("engine"), null),
        result.Number("perplexity"), result.Number("nll"), result.NumberOrNull("bitsPerByte"), result.ObjectOrNull("versus") is { } versus ? Versus(versus) : null);

    private static CardVersus Versus(CardFields fields)
    {
        var interval = fields.ObjectOrNull("nllDifference");
        return new CardVersus(
            fields.TextOrNull("refusal"), fields.NumberOrNull("kl"), fields.NumberOrNull("topAgreement"), interval?.Number("estimate"), interval?.Number("low"), interval?.Number("high"));
    }

    private static CardTasks Tasks(CardFields fields, string file) => new(
        file, Name(fields.Text("model")), fields.Text("tokenizer"), fields.Hash("tokenizerSha256"), fields.Text("engine"), fields.Text("state"), fields.Whole("maxLength"), fields.WholeOrNull("limit"),
        [.. fields.List("tasks").Select(task => new CardTask(
            task.Text("task"), task.Whole("n"), task.Number("acc"), task.NumberOrNull("accStderr"), task.NumberOrNull("accNorm"), task.NumberOrNull("accNormStderr"), task.Text("data"), task.Hash("dataSha256")))]);

    private static CardBench Bench(CardFields fields, string file)
    {
        var measured = fields.Object("measured");
        var machine = measured.Object("machine");
        return new CardBench(
            file, Name(fields.Text("file")), machine.Text("processor"), machine.Text("vectors"), machine.Text("system"), machine.Text("runtime"), fields.Whole("threads"), fields.Text("engine"), fields.Text("state"),
            fields.Whole("prompt"), fields.Whole("generate"), measured.Object("decode").Number("tokensPerSecond"), measured.Object("prefill").Number("tokensPerSecond"),
            measured.Object("firstToken").Number("seconds"), measured.ObjectOrNull("memory")?.Whole("anonymous"));
    }

    /// <summary>True where the result can be one of the model: its tokenizer is that of the file. Another name alone is only told, since files are renamed.</summary>
    private static bool Check(CardResult result, string path, CardModel model, DiagnosticBag diagnostics)
    {
        var hash = result switch
        {
            CardPerplexity perplexity => perplexity.Corpus.TokenizerSha256,
            CardComparison comparison => comparison.Corpus.TokenizerSha256,
            CardTasks tasks => tasks.TokenizerSha256,
            _ => null,
        };
        if (hash is not null && model.Tokenizer is { } tokenizer && hash != tokenizer.Hash)
        {
            diagnostics.Add(
                CommandDiagnostics.CardMismatch, $"expected a result with the model's tokenizer, sha256 {tokenizer.Hash}, found sha256 {hash}", Place.OfFile(path), "measure this model with its own tokenizer");
            return false;
        }

        if (result is not CardComparison && result.Model != model.File)
            diagnostics.Add(CommandDiagnostics.CardOtherName, $"the result is of {result.Model}, the card of {model.File}", Place.OfFile(path), "see to it that both are the same model");
        return true;
    }

    /// <summary>The last part of a path of any system.</summary>
    private static string Name(string path) => path.TrimEnd('/', '\\').Split('/', '\\')[^1];
}
