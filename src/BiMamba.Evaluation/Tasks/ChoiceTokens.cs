namespace BiMamba.Evaluation.Tasks;

/// <summary>The tokens of a choice.</summary>
/// <param name="Ids">Context and continuation; at least one of the context.</param>
/// <param name="Scored">Tokens of the continuation, at the end; at least one.</param>
/// <param name="IsTruncated">True where the beginning of the context is missing.</param>
public sealed record ChoiceTokens(int[] Ids, int Scored, bool IsTruncated)
{
    /// <summary>What the model reads: all but the last token, which is only predicted.</summary>
    public ReadOnlyMemory<int> Input => Ids.AsMemory(..^1);

    /// <summary>The first token that is scored.</summary>
    public int FirstScored => Ids.Length - Scored;
}
