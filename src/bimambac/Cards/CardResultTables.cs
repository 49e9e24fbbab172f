using System.Globalization;

namespace BiMamba.CommandLine.Cards;

/// <summary>The results of a card, each with all that it depends on.</summary>
internal sealed class CardResultTables(IReadOnlyList<CardResult> results)
{
    /// <summary>Writes the section.</summary>
    public void Write(TextWriter writer)
    {
        writer.WriteLine("## Results");
        writer.WriteLine();
        if (results.Count == 0)
        {
            writer.WriteLine("No results are given.");
            writer.WriteLine();
            return;
        }

        WritePerplexities(writer);
        WriteComparisons(writer);
        WriteTasks(writer);
        WriteSpeeds(writer);
    }

    private void WritePerplexities(TextWriter writer)
    {
        var table = new MarkdownTable([.. CorpusColumns, "perplexity", "bits per byte", "nats a token", "calibration overlap"]);
        foreach (var result in results.OfType<CardPerplexity>())
            table.Add([.. Corpus(result.Model, result.Corpus), Number(result.Perplexity), Number(result.BitsPerByte), Number(result.Nll), result.Overlap is { } share ? CardText.Percent(share) : ""]);
        Write(writer, "Perplexity", table);
    }

    private void WriteComparisons(TextWriter writer)
    {
        var table = new MarkdownTable([.. CorpusColumns, "perplexity", "bits per byte", "nats a token", "reference", "KL, nats a token", "same top token", "nats above the reference"]);
        foreach (var result in results.OfType<CardComparison>())
        {
            var versus = result.Versus;
            table.Add([
                .. Corpus(result.Model, result.Corpus), Number(result.Perplexity), Number(result.BitsPerByte), Number(result.Nll),
                versus is null ? "" : Text(result.Reference) + (versus.Refusal is { } refusal ? $": {Text(refusal)}" : ""),
                Number(versus?.Kl), versus?.TopAgreement is { } agreement ? CardText.Percent(agreement) : "",
                versus is { NllDifference: { } difference, NllLow: { } low, NllHigh: { } high } ? $"{Number(difference)} ({Number(low)} to {Number(high)})" : ""]);
        }

        Write(writer, "Comparison", table);
    }

    private void WriteTasks(TextWriter writer)
    {
        var table = new MarkdownTable("model", "task", "sha256", "questions", "accuracy", "accuracy by length", "longest input", "at most", "tokenizer", "tokenizer sha256", "engine", "state");
        foreach (var result in results.OfType<CardTasks>())
        {
            foreach (var task in result.Tasks)
            {
                table.Add(
                    Text(result.Model), $"{Text(task.Name)} ({Text(task.Data)})", task.DataSha256, Number(task.Questions), WithError(task.Accuracy, task.AccuracyError), WithError(task.Normalized, task.NormalizedError),
                    Number(result.MaxLength), result.Limit is { } limit ? $"{Number(limit)} questions" : "", Text(result.Tokenizer), result.TokenizerSha256, Text(result.Engine), Text(result.State));
            }
        }

        Write(writer, "Tasks", table);
    }

    private void WriteSpeeds(TextWriter writer)
    {
        var table = new MarkdownTable("model", "machine", "threads", "engine", "state", "decode, tokens a second", "prefill, tokens a second", "first token, seconds", "memory of its own, bytes");
        foreach (var result in results.OfType<CardBench>())
        {
            table.Add(
                Text(result.Model), Text($"{result.Processor}, {result.Vectors}, {result.System}, {result.Runtime}"), Number(result.Threads), Text(result.Engine), Text(result.State),
                $"{Rate(result.DecodeRate)} over {Number(result.Generate)}", $"{Rate(result.PrefillRate)} over {Number(result.Prompt)}", Rate(result.FirstToken), result.Memory is { } memory ? Number(memory) : "");
        }

        Write(writer, "Speed", table);
    }

    private static string[] CorpusColumns => ["model", "text", "sha256", "protocol", "context", "windows", "tokens", "tokenizer", "tokenizer sha256", "engine", "state"];

    private static string[] Corpus(string model, CardCorpus corpus) =>
    [
        Text(model), Text(corpus.Name), corpus.Sha256, Text(corpus.Protocol), Number(corpus.Context), Number(corpus.Windows), Number(corpus.Tokens), Text(corpus.Tokenizer), corpus.TokenizerSha256 ?? "",
        Text(corpus.Engine), Text(corpus.State ?? ""),
    ];

    private static void Write(TextWriter writer, string title, MarkdownTable table)
    {
        if (table.IsEmpty)
            return;
        writer.WriteLine($"### {title}");
        writer.WriteLine();
        table.Write(writer);
    }

    private static string WithError(double? value, double? error) => value is null ? "" : error is null ? Number(value) : $"{Number(value)} ± {Number(error)}";

    private static string Rate(double value) => double.IsFinite(value) ? value.ToString("0.###", CultureInfo.InvariantCulture) : CardText.Number(value);

    private static string Number(double? value) => value is { } known ? CardText.Number(known) : "";

    private static string Number(long value) => CardText.Number(value);

    private static string Text(string text) => CardText.Markdown(text);
}
