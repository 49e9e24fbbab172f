namespace BiMamba.Evaluation.Tasks;

/// <summary>The questions of a file.</summary>
/// <param name="Task">Their task.</param>
/// <param name="Path">The file.</param>
/// <param name="Sha256">Lower-case hexadecimal SHA-256 of the whole file.</param>
/// <param name="Questions">The questions, in the order of the file; at least one.</param>
public sealed record TaskData(TaskRow Task, string Path, string Sha256, IReadOnlyList<TaskQuestion> Questions);
