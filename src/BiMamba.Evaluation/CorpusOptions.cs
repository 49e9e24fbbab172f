namespace BiMamba.Evaluation;

/// <summary>How a corpus file is read.</summary>
/// <param name="IsByDocument">Tokenizes every document by itself, without special tokens.</param>
/// <param name="Prefix">The token from which the first one of a document is predicted; null for the tokenizer's own.</param>
public sealed record CorpusOptions(bool IsByDocument = false, int? Prefix = null)
{
    /// <summary>How rows become one text.</summary>
    public JoinRule Join { get; init; } = JoinRule.None;
}
