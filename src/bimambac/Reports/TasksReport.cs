using System.Globalization;
using BiMamba.CommandLine.Console;

namespace BiMamba.CommandLine.Reports;

/// <summary>The result of tasks for people.</summary>
internal sealed class TasksReport(TextWriter writer)
{
    /// <summary>Writes a table with a row for every task, the average, and what the numbers depend on.</summary>
    public void Write(TasksJson report)
    {
        var table = new TextTable("task", "n", "acc", "acc_norm");
        foreach (var task in report.Tasks)
            table.Add(task.Task, task.N.ToString(CultureInfo.InvariantCulture), Measure(task.Acc, task.AccStderr), Measure(task.AccNorm, task.AccNormStderr));
        table.Write(writer);
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"average {report.AverageMainMetric:0.0000} over {report.Tasks.Count} {(report.Tasks.Count == 1 ? "task" : "tasks")}, of acc_norm where a task has it and acc where not"));
        if (report.Tasks.Sum(task => task.Truncated) is > 0 and var truncated)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"questions longer than {report.MaxLength} tokens, whose contexts lost their beginning: {truncated}"));
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"max length {report.MaxLength}{(report.Limit is { } limit ? $", limit {limit}" : "")}{(report.SpecialTokens ? "" : ", no special tokens")}; tokenizer {report.Tokenizer} sha256 {report.TokenizerSha256[..16]}; engine {report.Engine}, state {report.State}"));
    }

    private static string Measure(double? value, double? error) => value is { } mean
        ? string.Create(CultureInfo.InvariantCulture, $"{mean:0.0000}{(error is { } deviation ? string.Create(CultureInfo.InvariantCulture, $" ± {deviation:0.0000}") : "")}")
        : "";
}
