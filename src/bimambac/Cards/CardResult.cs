namespace BiMamba.CommandLine.Cards;

/// <summary>A result of a model.</summary>
/// <param name="File">Name of the file that holds it, without its folder.</param>
/// <param name="Model">What was measured, as the file names it, without its folder.</param>
internal abstract record CardResult(string File, string Model);

/// <summary>What perplexities are of: the text, how it was cut, and what read and ran it. The hash of the tokenizer is null for a file of ids.</summary>
internal sealed record CardCorpus(
    string Name, string Sha256, string Protocol, long Context, long Windows, long Tokens, string Tokenizer, string? TokenizerSha256, string Engine, string? State);

/// <summary>A perplexity on a text. The overlap is the share of the text's n-grams that the calibration saw, or null where that is not known.</summary>
internal sealed record CardPerplexity(string File, string Model, CardCorpus Corpus, double Perplexity, double Nll, double? BitsPerByte, double? Overlap) : CardResult(File, Model);

/// <summary>A row of a comparison on one of its texts, with its distance from the reference where there is one.</summary>
internal sealed record CardComparison(
    string File, string Model, string Reference, CardCorpus Corpus, double Perplexity, double Nll, double? BitsPerByte, CardVersus? Versus) : CardResult(File, Model);

/// <summary>A model against the reference: why it was not compared, or how near it comes.</summary>
internal sealed record CardVersus(string? Refusal, double? Kl, double? TopAgreement, double? NllDifference, double? NllLow, double? NllHigh);

/// <summary>A multiple-choice task. Accuracies are shares from 0 to 1.</summary>
internal sealed record CardTask(string Name, long Questions, double Accuracy, double? AccuracyError, double? Normalized, double? NormalizedError, string Data, string DataSha256);

/// <summary>Tasks.</summary>
internal sealed record CardTasks(
    string File, string Model, string Tokenizer, string TokenizerSha256, string Engine, string State, long MaxLength, long? Limit, IReadOnlyList<CardTask> Tasks) : CardResult(File, Model);

/// <summary>Speed on a machine; memory in bytes.</summary>
internal sealed record CardBench(
    string File, string Model, string Processor, string Vectors, string System, string Runtime, long Threads, string Engine, string State, long Prompt, long Generate,
    double DecodeRate, double PrefillRate, double FirstToken, long? Memory) : CardResult(File, Model);
