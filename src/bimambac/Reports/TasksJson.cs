using BiMamba.Evaluation.Tasks;
using BiMamba.Runtime;
using BiMamba.Tokenizers;

namespace BiMamba.CommandLine.Reports;

/// <summary>A task in JSON. Standard errors are null for one question, acc_norm where the task has none.</summary>
internal sealed record TaskJson(
    string Task, int N, double Acc, double? AccStderr, double? AccNorm, double? AccNormStderr, string MainMetric, int Truncated, string Data, string DataSha256)
{
    public static TaskJson Of(TaskResult result) => new(
        result.Data.Task.Name, result.Data.Questions.Count, result.Accuracy.Value, result.Accuracy.StandardError, result.Normalized?.Value, result.Normalized?.StandardError,
        result.Data.Task.MainMetric, result.Truncated, Path.GetFileName(result.Data.Path), result.Data.Sha256);
}

/// <summary>The result of tasks. The average is the mean over tasks of the metric that each calls its main one.</summary>
internal sealed record TasksJson(
    int SchemaVersion, string ToolVersion, string Model, string Tokenizer, string TokenizerSha256, string Engine, string State, int MaxLength, bool SpecialTokens, int? Limit,
    IReadOnlyList<TaskJson> Tasks, double AverageMainMetric)
{
    public static TasksJson Of(string model, Tokenizer tokenizer, RuntimeOptions runtime, TaskOptions options, int? limit, IReadOnlyList<TaskResult> results) => new(
        1, Toolchain.Recipes.ToolVersion.Text, model, tokenizer.Kind, tokenizer.Hash, RuntimeWords.Of(runtime.Engine), RuntimeWords.Of(runtime.StateType), options.MaxLength, options.AddsSpecialTokens, limit,
        [.. results.Select(TaskJson.Of)], results.Average(result => result.Main.Value));
}
