using System.Globalization;

namespace BiMamba.CommandLine.Cards;

/// <summary>The YAML at the head of a card, as the Hugging Face Hub reads it: library, tags, base model, and results as a model index.</summary>
/// <remarks>Source: the model card metadata of huggingface.co/docs/hub/model-cards.</remarks>
internal sealed class CardFrontMatter(CardModel model, IReadOnlyList<CardResult> results)
{
    /// <summary>Writes it, with the lines of dashes around it.</summary>
    public void Write(TextWriter writer)
    {
        writer.WriteLine("---");
        writer.WriteLine("library_name: bimambac");
        if (model.Recipe.BaseModel is { } baseModel)
            writer.WriteLine($"base_model: {CardText.Yaml(baseModel)}");
        writer.WriteLine("tags:");
        foreach (var tag in model.Tags())
            writer.WriteLine($"- {tag}");
        var entries = results.SelectMany(Entries).ToList();
        if (entries.Count > 0)
        {
            writer.WriteLine("model-index:");
            writer.WriteLine($"- name: {CardText.Yaml(model.Title)}");
            writer.WriteLine("  results:");
            entries.ForEach(entry => Write(writer, entry));
        }

        writer.WriteLine("---");
    }

    private static IEnumerable<Entry> Entries(CardResult result) => result switch
    {
        CardPerplexity perplexity => [Perplexity(perplexity.Corpus, perplexity.Perplexity, perplexity.BitsPerByte)],
        CardComparison comparison => [Perplexity(comparison.Corpus, comparison.Perplexity, comparison.BitsPerByte)],
        CardTasks tasks => tasks.Tasks.Select(Task),
        // The index has no place for the speed of a machine.
        _ => [],
    };

    private static Entry Perplexity(CardCorpus corpus, double perplexity, double? bits)
    {
        var how = string.Create(CultureInfo.InvariantCulture, $"{corpus.Protocol}, context {corpus.Context}, {corpus.Windows} windows, engine {corpus.Engine}");
        List<Metric> metrics = [new("perplexity", $"perplexity a token ({how})", perplexity)];
        if (bits is { } known)
            metrics.Add(new("bits_per_byte", $"bits per byte ({how})", known));
        return new Entry("text-generation", corpus.Name, corpus.Sha256, metrics);
    }

    private static Entry Task(CardTask task)
    {
        List<Metric> metrics = [new("acc", "accuracy", task.Accuracy)];
        if (task.Normalized is { } normalized)
            metrics.Add(new("acc_norm", "accuracy by length", normalized));
        return new Entry("multiple-choice", task.Name, task.DataSha256, metrics);
    }

    private static void Write(TextWriter writer, Entry entry)
    {
        writer.WriteLine("  - task:");
        writer.WriteLine($"      type: {entry.Task}");
        writer.WriteLine("    dataset:");
        writer.WriteLine($"      type: {CardText.Yaml(entry.Data)}");
        writer.WriteLine($"      name: {CardText.Yaml(entry.Data)}");
        writer.WriteLine("      args:");
        writer.WriteLine($"        sha256: {CardText.Yaml(entry.Sha256)}");
        writer.WriteLine("    metrics:");
        foreach (var metric in entry.Metrics)
        {
            writer.WriteLine($"    - type: {metric.Type}");
            writer.WriteLine($"      name: {CardText.Yaml(metric.Name)}");
            writer.WriteLine($"      value: {CardText.YamlNumber(metric.Value)}");
        }
    }

    private sealed record Entry(string Task, string Data, string Sha256, IReadOnlyList<Metric> Metrics);

    private sealed record Metric(string Type, string Name, double Value);
}
