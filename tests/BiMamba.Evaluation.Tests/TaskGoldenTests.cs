using BiMamba.Diagnostics;
using BiMamba.Evaluation.Tasks;
using BiMamba.Testing;

namespace BiMamba.Evaluation.Tests;

/// <summary>The files of questions under golden/ are those of the table, and sound.</summary>
public sealed class TaskGoldenTests
{
    [Fact]
    public void Every_task_has_its_file()
    {
        var folder = Repository.Golden("text", "tasks");
        Assert.Equal(TaskTable.All.Select(row => row.Name).Order(StringComparer.Ordinal), Directory.GetFiles(folder).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
        Assert.All(TaskTable.All, row =>
        {
            var bag = new DiagnosticBag();
            var data = TaskDataReader.Read(row, Path.Combine(folder, row.Name + ".jsonl"), null, bag);
            Assert.True(data is not null, string.Join('\n', bag.Items));
            Assert.True(data.Questions.Select(question => question.Answer).Distinct().Count() > 1 || row.Name == "hellaswag");
        });
    }
}
