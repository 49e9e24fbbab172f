namespace BiMamba.Evaluation;

/// <summary>A corpus as token ids.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">Lower-case hexadecimal SHA-256 of the file's bytes.</param>
/// <param name="TextBytes">Bytes of the text; null for a file of ids, whose text is not known.</param>
/// <param name="Ids">Token ids of the whole corpus, tokenized once.</param>
/// <param name="TokenizerKind">Kind of the tokenizer, or <c>ids</c>.</param>
/// <param name="TokenizerHash">Hash of the tokenizer, or null for a file of ids.</param>
public sealed record Corpus(string Path, string Sha256, long? TextBytes, int[] Ids, string TokenizerKind, string? TokenizerHash)
{
    /// <summary>Tokens for every byte of text, or null.</summary>
    public double? TokensPerByte => TextBytes is > 0 and var bytes ? (double)Ids.Length / bytes : null;
}
