namespace BiMamba.Evaluation;

/// <summary>Tokens that a model sees from an empty state, and what is scored of them.</summary>
/// <param name="Ids">The tokens, at least two.</param>
/// <param name="FirstScored">Index of the first token whose prediction of the next one is scored; so are all behind it but the last.</param>
public readonly record struct EvaluationWindow(ReadOnlyMemory<int> Ids, int FirstScored)
{
    /// <summary>How many predictions are scored.</summary>
    public int ScoredTokens => Ids.Length - 1 - FirstScored;
}
