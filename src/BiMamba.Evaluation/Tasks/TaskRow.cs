namespace BiMamba.Evaluation.Tasks;

/// <summary>One row of the task table: a multiple-choice task as lm-evaluation-harness defines it, without examples.</summary>
/// <param name="Name">The name in the harness, on the command line and in results.</param>
/// <param name="Fields">What a line of its data has, field by field, as its Hugging Face dataset calls them.</param>
/// <param name="Prompt">The context; names in braces are fields.</param>
/// <param name="Choices">What is scored behind the context and a space.</param>
/// <param name="HasNorm">True where the harness also reports acc_norm, which divides a log-likelihood by the characters of its choice.</param>
/// <param name="Read">The question of a line; null where an error was added.</param>
public sealed record TaskRow(string Name, string Fields, string Prompt, string Choices, bool HasNorm, Func<TaskRecord, TaskQuestion?> Read)
{
    /// <summary>The metric that papers report: <c>acc_norm</c> where the task has it, else <c>acc</c>.</summary>
    public string MainMetric => HasNorm ? "acc_norm" : "acc";
}
