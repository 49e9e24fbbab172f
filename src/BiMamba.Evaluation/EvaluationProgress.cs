namespace BiMamba.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="Windows">Windows that are done.</param>
/// <param name="Total">Windows in all.</param>
/// <param name="Perplexity">Perplexity of the windows so far.</param>
public readonly record struct EvaluationProgress(int Windows, int Total, double Perplexity);
