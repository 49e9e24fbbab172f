namespace BiMamba.CommandLine.Cards;

/// <summary>What a reader of a card must not take from it: drawn from the same inputs as its figures.</summary>
internal sealed class CardLimitations(CardModel model, IReadOnlyList<CardResult> results)
{
    /// <summary>The sentences, in Markdown.</summary>
    public IEnumerable<string> All()
    {
        if (model.Recipe.BaseModel is null)
            yield return "The file names no base model.";
        yield return "This card says nothing of a licence, of training data or of languages: the file has no fields for them.";
        if (model.Tokenizer is null)
            yield return "The file holds no tokenizer: it runs on token ids, or with a tokenizer that is given.";
        foreach (var sentence in Calibration())
            yield return sentence;
        foreach (var corpus in Corpora().Where(corpus => corpus.TokenizerSha256 is null).Select(corpus => corpus.Name).Distinct(StringComparer.Ordinal))
            yield return $"{Text(corpus)} was given as token ids, so that no tokenizer stands for its perplexity.";
        if (results.OfType<CardTasks>().Any(tasks => tasks.Limit is not null))
            yield return "Tasks were scored on their first questions only.";
        if (results.OfType<CardBench>().Any())
            yield return "Speeds are those of the machine that is named beside them.";
    }

    private IEnumerable<string> Calibration()
    {
        if (model.Recipe.Calibration is not { } calibration)
            yield break;
        yield return $"Passes looked at {Text(calibration.Name)} (sha256 {Text(calibration.Sha256)}): results on it are not those of unseen text.";
        foreach (var corpus in Corpora().Where(corpus => corpus.Sha256 == calibration.Sha256).Select(corpus => corpus.Name).Distinct(StringComparer.Ordinal))
            yield return $"{Text(corpus)} is the text of the calibration.";
        foreach (var result in results.OfType<CardPerplexity>().Where(result => result.Corpus.Sha256 != calibration.Sha256))
        {
            yield return result.Overlap is { } share
                ? $"{CardText.Percent(share)} of the n-grams of {Text(result.Corpus.Name)} stand in the calibration, too."
                : $"How much of {Text(result.Corpus.Name)} stands in the calibration was not measured.";
        }

        foreach (var corpus in results.OfType<CardComparison>().Select(result => result.Corpus).Where(corpus => corpus.Sha256 != calibration.Sha256))
            yield return $"How much of {Text(corpus.Name)} stands in the calibration was not measured.";
    }

    private IEnumerable<CardCorpus> Corpora() => results.Select(result => result switch
    {
        CardPerplexity perplexity => perplexity.Corpus,
        CardComparison comparison => comparison.Corpus,
        _ => null,
    }).OfType<CardCorpus>();

    private static string Text(string text) => CardText.Markdown(text);
}
