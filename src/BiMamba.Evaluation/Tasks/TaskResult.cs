namespace BiMamba.Evaluation.Tasks;

/// <summary>A mean of zeros and ones.</summary>
/// <param name="Value">The mean.</param>
/// <param name="StandardError">Sample standard deviation (n - 1) over the square root of n; null for one question.</param>
public sealed record Accuracy(double Value, double? StandardError)
{
    /// <summary>The mean of some questions that were answered right or wrong.</summary>
    public static Accuracy Of(IReadOnlyCollection<bool> right)
    {
        double n = right.Count;
        double hits = right.Count(isRight => isRight);
        var mean = hits / n;
        return new Accuracy(mean, n > 1 ? Math.Sqrt(((hits * (1 - mean) * (1 - mean)) + ((n - hits) * mean * mean)) / (n - 1) / n) : null);
    }
}

/// <summary>The result of a task.</summary>
/// <param name="Data">The questions.</param>
/// <param name="Accuracy">How often the choice of the largest log-likelihood is the answer; of equal ones, the first.</param>
/// <param name="Normalized">The same by log-likelihood over characters of the choice, where the task has this metric.</param>
/// <param name="Truncated">Questions of which a choice lost the beginning of its context.</param>
public sealed record TaskResult(TaskData Data, Accuracy Accuracy, Accuracy? Normalized, int Truncated)
{
    /// <summary>The metric that papers report.</summary>
    public Accuracy Main => Normalized ?? Accuracy;
}
