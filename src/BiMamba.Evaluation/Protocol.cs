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

    /// <summary>All protocols.</summary>
    public static ImmutableArray<Protocol> All { get; } = [Gptq];
}
