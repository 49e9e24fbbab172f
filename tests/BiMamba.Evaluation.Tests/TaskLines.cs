using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Evaluation.Tasks;

namespace BiMamba.Evaluation.Tests;

/// <summary>Questions from lines that are written down in tests.</summary>
internal static class TaskLines
{
    public static TaskQuestion One(string task, string line) => Assert.Single(Good(task, line).Questions);

    public static TaskData Good(string task, string text)
    {
        var bag = new DiagnosticBag();
        var data = Read(task, Encoding.UTF8.GetBytes(text), bag);
        Assert.True(data is not null, string.Join('\n', bag.Items));
        return data;
    }

    public static TaskData? Read(string task, ReadOnlySpan<byte> bytes, DiagnosticBag bag, int? limit = null) =>
        TaskDataReader.Parse(TaskTable.Find(task)!, "data.jsonl", bytes, limit, bag);

    /// <summary>A task of questions whose tokens are given; the choices have the lengths of a text of so many characters.</summary>
    public static TokenizedTask Tokenized(string task, params (ChoiceTokens[] Choices, int[] Lengths, int Answer)[] questions)
    {
        var data = new TaskData(TaskTable.Find(task)!, "data.jsonl", new string('0', 64), [.. questions.Select((question, i) => new TaskQuestion(i + 1, [.. question.Lengths.Select(length => new TaskChoice("", "", length))], question.Answer))]);
        return new TokenizedTask(data, [.. questions.Select(question => question.Choices)]);
    }
}
