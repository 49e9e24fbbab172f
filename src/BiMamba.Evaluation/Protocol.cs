using System.Collections.Immutable;

namespace BiMamba.Evaluation;

/// <summary>One row of the protocol table.</summary>
/// <param name="Name">The name on the command line and in results.</param>
/// <param name="DefaultContext">Tokens of a window where none is given.</param>
/// <param name="Summary">How windows are cut, what is scored, how it is averaged.</param>
public sealed record Protocol(string Name, int DefaultContext, string Summary)
{
    /// <summary>
    /// The protocol of the GPTQ, BiLLM and Bi-Mamba evaluations: the corpus tokenized once, floor(T / context)
    /// disjoint windows, tail dropped, tokens 2 .. context of each scored, mean of the windows' means.
    /// </summary>
    public static Protocol Gptq { get; } = new("gptq", 2048, "disjoint windows, tail dropped, tokens 2..context scored, mean of window means");

    /// <summary>
    /// llama.cpp's perplexity tool: floor(T / context) disjoint windows of a text with at least two, the first token of each
    /// replaced by the beginning-of-text token where the tokenizer adds one, the last context - 1 - context / 2 tokens
    /// scored, mean over tokens, with a standard error that takes tokens as independent.
    /// </summary>
    public static Protocol LlamaCpp { get; } = new("llamacpp", 512, "disjoint windows, second half of each scored, mean over tokens with a standard error");

    /// <summary>llama.cpp's --kl-divergence: the windows of <see cref="LlamaCpp"/>, a model against a reference.</summary>
    public static Protocol LlamaCppKl { get; } = new("llamacpp-kl", 512, "as llamacpp, against a reference: KL divergence, probabilities, top token");

    /// <summary>
    /// The rolling log-likelihood of lm-evaluation-harness: each document by itself, windows of at most context tokens that
    /// predict disjoint parts of it, its first token predicted from the prefix token, every token scored.
    /// </summary>
    public static Protocol LmEval { get; } = new("lm-eval", 2048, "rolling windows over each document, all tokens scored from a prefix token, sum over tokens");

    /// <summary>All protocols.</summary>
    public static ImmutableArray<Protocol> All { get; } = [Gptq, LlamaCpp, LlamaCppKl, LmEval];

    /// <summary>True where a document is tokenized by itself and without special tokens.</summary>
    public bool IsByDocument => this == LmEval;

    /// <summary>True where the result holds a second model.</summary>
    public bool NeedsReference => this == LlamaCppKl;
}
